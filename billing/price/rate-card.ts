import { FOREVER, type Instant, type Interval, intersect } from '../calendar/interval.ts';
import type { Rational } from '../money/rational.ts';
import type { PriceModel } from './model.ts';

/** A price list. Revisions follow each other; what is in force is never edited, only followed by another. */
export interface RateCard {
  name: string;
  currency: string;
  revisions: readonly Revision[];
}

export interface Revision {
  /** Stays with every line that it priced. */
  id: string;
  from: Instant;
  /** Exclusive; null: until the next begins. */
  to: Instant | null;
  recordedAt: Instant;
  /** Of its content: what is in force must keep it. */
  hash: string;
  hoursPerMonth: Rational | 'ACTUAL';
  /** By the name of a charge. */
  prices: ReadonlyMap<string, PriceModel>;
}

export interface Slice extends Interval {
  revision: Revision;
  model: PriceModel;
}

export interface PriceGap extends Interval {
  code: 'PriceGap';
  price: string;
}

/**
 * Which revision prices which part of an interval: each instant exactly one, by the date of service. What no revision covers is a
 * gap, and a gap is never priced at nothing: it is an error.
 */
export function pricesOver(
  revisions: readonly Revision[],
  price: string,
  interval: Interval,
): { slices: Slice[]; gaps: PriceGap[] } {
  const ordered = revisions.toSorted(byBeginning);
  const slices: Slice[] = [];
  const gaps: PriceGap[] = [];
  let from = interval.from;
  for (const [index, revision] of ordered.entries()) {
    const end = Math.min(revision.to ?? FOREVER, ordered[index + 1]?.from ?? FOREVER);
    const part = intersect({ from: revision.from, to: end }, interval);
    if (part === undefined) continue;
    const model = revision.prices.get(price);
    if (model === undefined) continue;
    if (part.from > from) gaps.push({ code: 'PriceGap', price, from, to: part.from });
    slices.push({ ...part, revision, model });
    from = part.to;
  }
  if (from < interval.to) gaps.push({ code: 'PriceGap', price, from, to: interval.to });
  return { slices, gaps };
}

/** Revisions that someone billed at an instant could know. None: the first that was ever published, for service before it. */
export function knownBy(revisions: readonly Revision[], at: Instant): Revision[] {
  const known = revisions.filter(({ recordedAt }) => recordedAt <= at);
  const first = Math.min(...revisions.map(({ recordedAt }) => recordedAt));
  return known.length > 0 ? known : revisions.filter(({ recordedAt }) => recordedAt === first);
}

export interface RevisionFault {
  code: 'RevisionInForce' | 'RevisionOverlap' | 'RevisionRemoved';
  revision: string;
}

/** What a new version of a rate card may not do: touch what has begun, or cover an instant twice. */
export function revisionFaults(old: readonly Revision[], wished: readonly Revision[], now: Instant): RevisionFault[] {
  const byId = new Map(wished.map((revision) => [revision.id, revision]));
  const begun = old.filter(({ from }) => from <= now);
  return [
    ...begun.flatMap(({ id, hash }): RevisionFault[] => {
      const next = byId.get(id);
      if (next === undefined) return [{ code: 'RevisionRemoved', revision: id }];
      return next.hash === hash ? [] : [{ code: 'RevisionInForce', revision: id }];
    }),
    ...wished
      .toSorted(byBeginning)
      .flatMap(({ id, from }, index, all): RevisionFault[] =>
        index > 0 && all[index - 1]?.from === from ? [{ code: 'RevisionOverlap', revision: id }] : [],
      ),
  ];
}

function byBeginning(a: Revision, b: Revision): number {
  return a.from - b.from || (a.id < b.id ? -1 : 1);
}

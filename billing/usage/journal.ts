import { FOREVER, type Instant, type Interval } from '../calendar/interval.ts';
import { groupBy } from '../group.ts';
import { compare, type Rational, ZERO } from '../money/rational.ts';
import type { UsageWindow } from './window.ts';

/** A row of the observed-state journal: from this instant the resource's meter stood at this level. */
export interface LevelRow {
  uid: string;
  meter: string;
  seq: number;
  at: Instant;
  recordedAt: Instant;
  level: Rational;
  attributes: Readonly<Record<string, string>>;
  place: string;
  /** Which run of the thing this was: a machine that stopped and started again has another. Null where the thing has no runs. */
  runId: string | null;
}

/** A place was inventoried without a break from when to when. */
export interface CoverageRow extends Interval {
  place: string;
  recordedAt: Instant;
}

/** What happens in a hole of coverage when nothing proves that the thing stood: FREE is in the customer's favour. */
export type GapPolicy = 'FREE' | 'CHARGE';

/**
 * Levels ∩ coverage: what may be charged, as usage windows, one for each row and piece of coverage. A hole is charged where the same
 * run stands at both ends of it, or where the policy says so; what nobody has looked at yet is not charged yet.
 */
export function chargeable(
  levels: readonly LevelRow[],
  coverage: readonly CoverageRow[],
  gapPolicy: GapPolicy,
): UsageWindow[] {
  const byPlace = groupBy(
    coverage.toSorted((a, b) => a.from - b.from),
    ({ place }) => place,
  );
  return [...groupBy(levels, ({ uid, meter }) => JSON.stringify([uid, meter])).values()].flatMap((rows) => {
    const ordered = rows.toSorted((a, b) => a.seq - b.seq);
    return ordered.flatMap((row, index) => {
      if (compare(row.level, ZERO) === 0) return [];
      const next = ordered[index + 1];
      const stretch = { from: row.at, to: next?.at ?? FOREVER };
      return pieces(row, { next, stretch, coverage: byPlace.get(row.place) ?? [], gapPolicy });
    });
  });
}

interface Evidence {
  next: LevelRow | undefined;
  stretch: Interval;
  /** Of the row's place, in the order of time. */
  coverage: readonly CoverageRow[];
  gapPolicy: GapPolicy;
}

function pieces(row: LevelRow, { next, stretch, coverage, gapPolicy }: Evidence): UsageWindow[] {
  const found: UsageWindow[] = [];
  // A row is only written when something changed: inside its stretch the same run stands on both sides of every hole.
  const bridges = gapPolicy === 'CHARGE' || row.runId !== null;
  let until = stretch.from;
  for (const { from, to, recordedAt } of coverage) {
    const begin = bridges ? until : Math.max(from, until);
    const end = Math.min(to, stretch.to);
    if (from >= stretch.to || end <= begin) continue;
    found.push(asWindow(row, { from: begin, to: end, recordedAt }));
    until = end;
  }
  const sameRunAfter = next !== undefined && row.runId !== null && next.runId === row.runId && next.place === row.place;
  if (next !== undefined && until < next.at && (sameRunAfter || gapPolicy === 'CHARGE'))
    found.push(asWindow(row, { from: until, to: next.at, recordedAt: next.recordedAt }));
  return found;
}

/** The identity is the row and the instant: the same evidence gives the same windows, however often it is read. */
function asWindow(
  { uid, meter, seq, level, attributes, recordedAt: known }: LevelRow,
  { from, to, recordedAt }: Interval & { recordedAt: Instant },
): UsageWindow {
  return {
    id: `${uid}/${meter}/${seq}/${from}`,
    meter,
    resource: uid,
    from,
    to,
    quantity: level,
    attributes,
    recordedAt: Math.max(recordedAt, known),
    supersedes: null,
  };
}

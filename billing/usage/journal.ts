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
  const places = groupBy(
    coverage.toSorted((a, b) => a.from - b.from),
    ({ place }) => place,
  );
  const byPlace = new Map([...places].map(([place, rows]) => [place, inventory(rows)]));
  return [...groupBy(levels, ({ uid, meter }) => JSON.stringify([uid, meter])).values()].flatMap((rows) => {
    const ordered = rows.toSorted((a, b) => a.seq - b.seq);
    return ordered.flatMap((row, index) => {
      if (compare(row.level, ZERO) === 0) return [];
      const next = ordered[index + 1];
      const stretch = { from: row.at, to: next?.at ?? FOREVER };
      return pieces(row, { next, stretch, place: byPlace.get(row.place) ?? inventory([]), gapPolicy });
    });
  });
}

interface Evidence {
  next: LevelRow | undefined;
  stretch: Interval;
  place: Inventory;
  gapPolicy: GapPolicy;
}

/** Coverage of a place in the order of time, and how far all rows up to each reach: months of it are not walked for every level. */
interface Inventory {
  coverage: readonly CoverageRow[];
  reach: readonly Instant[];
}

function inventory(coverage: readonly CoverageRow[]): Inventory {
  let reached = 0;
  const reach = coverage.map(({ to }) => {
    reached = Math.max(reached, to);
    return reached;
  });
  return { coverage, reach };
}

/** The first row that may reach beyond an instant. */
function firstBeyond({ reach }: Inventory, at: Instant): number {
  let [low, high] = [0, reach.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((reach[middle] ?? 0) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

function pieces(row: LevelRow, { next, stretch, place, gapPolicy }: Evidence): UsageWindow[] {
  const found: UsageWindow[] = [];
  // A row is only written when something changed: inside its stretch the same run stands on both sides of every hole.
  const bridges = gapPolicy === 'CHARGE' || row.runId !== null;
  let until = stretch.from;
  for (const { from, to, recordedAt } of place.coverage.slice(firstBeyond(place, stretch.from))) {
    if (from >= stretch.to) break;
    const begin = bridges ? until : Math.max(from, until);
    const end = Math.min(to, stretch.to);
    if (end <= begin) continue;
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

import { type Instant, type Interval, intersect, intersectAll, union } from '../calendar/interval.ts';
import { groupBy } from '../group.ts';
import { compare, type Rational, ZERO } from '../money/rational.ts';

/** A row of the observed-state journal: from this instant the resource's meter stood at this level. */
export interface LevelRow {
  uid: string;
  meter: string;
  seq: number;
  at: Instant;
  level: Rational;
  attributes: Readonly<Record<string, string>>;
  place: string;
  /** Which run of the thing this was: a machine that stopped and started again has another. Null where the thing has no runs. */
  runId: string | null;
}

/** A place was inventoried without a break from when to when. */
export interface CoverageRow extends Interval {
  place: string;
}

/** What happens in a hole of coverage when nothing proves that the thing stood: FREE is in the customer's favour. */
export type GapPolicy = 'FREE' | 'CHARGE';

export interface LevelInterval extends Interval {
  uid: string;
  meter: string;
  /** With uid and meter the identity of the interval: the row that began it, and the piece of it. */
  seq: number;
  piece: number;
  level: Rational;
  attributes: Readonly<Record<string, string>>;
}

/**
 * Levels ∩ coverage: what may be charged, exactly, as intervals. A hole is charged where the same run stands at both ends of it, or
 * where the policy says so. What is open ends at `until`.
 */
export function chargeable(
  levels: readonly LevelRow[],
  coverage: readonly CoverageRow[],
  { until, gapPolicy }: { until: Instant; gapPolicy: GapPolicy },
): LevelInterval[] {
  return [...groupBy(levels, ({ uid, meter }) => JSON.stringify([uid, meter])).values()].flatMap((rows) => {
    const ordered = rows.toSorted((a, b) => a.seq - b.seq);
    return ordered.flatMap((row, index) => {
      const next = ordered[index + 1];
      if (compare(row.level, ZERO) === 0) return [];
      const stretch = { from: row.at, to: Math.min(next?.at ?? until, until) };
      return proven(row, { next, stretch, coverage, gapPolicy }).map((part, piece) => ({
        ...part,
        uid: row.uid,
        meter: row.meter,
        seq: row.seq,
        piece,
        level: row.level,
        attributes: row.attributes,
      }));
    });
  });
}

interface Evidence {
  next: LevelRow | undefined;
  stretch: Interval;
  coverage: readonly CoverageRow[];
  gapPolicy: GapPolicy;
}

function proven(row: LevelRow, { next, stretch, coverage, gapPolicy }: Evidence): Interval[] {
  if (intersect(stretch, stretch) === undefined) return [];
  if (gapPolicy === 'CHARGE') return [stretch];
  const seen = union(
    intersectAll(
      coverage.filter(({ place }) => place === row.place),
      stretch,
    ),
  );
  const first = seen[0];
  const last = seen.at(-1);
  if (first === undefined || last === undefined) return [];
  // A row is only written when something changed: inside one row's stretch the same run stands on both sides of every hole.
  const inner = row.runId === null ? seen : [{ from: first.from, to: last.to }];
  const sameRunAfter = next !== undefined && row.runId !== null && next.runId === row.runId && next.at === stretch.to;
  return sameRunAfter ? union([...inner, { from: last.to, to: stretch.to }]) : inner;
}

/** Epoch milliseconds, UTC. Times are numbers; money never is. */
export type Instant = number;

/** Half-open: `from` is inside, `to` is not. */
export interface Interval {
  from: Instant;
  to: Instant;
}

export const FOREVER: Instant = 8_640_000_000_000_000;

export const lengthMs = ({ from, to }: Interval): number => Math.max(0, to - from);
export const contains = ({ from, to }: Interval, at: Instant): boolean => from <= at && at < to;

/** What both cover, or undefined where that is nothing. */
export function intersect(a: Interval, b: Interval): Interval | undefined {
  const from = Math.max(a.from, b.from);
  const to = Math.min(a.to, b.to);
  return from < to ? { from, to } : undefined;
}

export function intersectAll(intervals: readonly Interval[], within: Interval): Interval[] {
  return intervals.flatMap((interval) => intersect(interval, within) ?? []);
}

/** What `from` covers and none of `holes` does. */
export function subtractAll(from: readonly Interval[], holes: readonly Interval[]): Interval[] {
  return holes.reduce<Interval[]>(
    (left, hole) =>
      left.flatMap((piece) =>
        intersect(piece, hole) === undefined
          ? [piece]
          : [
              { from: piece.from, to: hole.from },
              { from: hole.to, to: piece.to },
            ].filter(({ from: start, to }) => start < to),
      ),
    [...from],
  );
}

/** Sorted, and joined where they touch or overlap. */
export function union(intervals: readonly Interval[]): Interval[] {
  const joined: Interval[] = [];
  for (const next of intervals.filter((interval) => lengthMs(interval) > 0).toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last !== undefined && next.from <= last.to) last.to = Math.max(last.to, next.to);
    else joined.push({ ...next });
  }
  return joined;
}

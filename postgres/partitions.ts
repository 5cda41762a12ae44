const DAY_MS = 86_400_000;

/** How long each table of facts is kept, and in what slices. */
export interface Partitioned {
  table: 'event_log' | 'events' | 'steps' | 'audit' | 'journal';
  /** Length of one partition. */
  sliceMs: number;
  keptMs: number;
}

export const PARTITIONED: readonly Partitioned[] = [
  { table: 'event_log', sliceMs: DAY_MS, keptMs: 3 * DAY_MS },
  { table: 'events', sliceMs: 7 * DAY_MS, keptMs: 90 * DAY_MS },
  { table: 'steps', sliceMs: 7 * DAY_MS, keptMs: 90 * DAY_MS },
  { table: 'audit', sliceMs: 30 * DAY_MS, keptMs: 400 * DAY_MS },
  { table: 'journal', sliceMs: 30 * DAY_MS, keptMs: 800 * DAY_MS },
];

/** The tables with other times to keep them, in days; those that are not named keep their own. */
export function keptFor(days: Partial<Record<Partitioned['table'], number>>): Partitioned[] {
  return PARTITIONED.map((one) => ({ ...one, keptMs: (days[one.table] ?? one.keptMs / DAY_MS) * DAY_MS }));
}

/** Partitions that are made ahead of now. With daily ones that is how long the job may fail before facts go to the default partition. */
const AHEAD = 7;

export interface Partition {
  table: Partitioned['table'];
  name: string;
  /** Epoch ms, half-open. */
  from: number;
  to: number;
}

/** Pure: the partitions of a table that must exist now, the present one first. */
export function wantedPartitions({ table, sliceMs }: Partitioned, now: number): Partition[] {
  const first = Math.floor(now / sliceMs);
  return Array.from({ length: AHEAD + 1 }, (_, index) => {
    const from = (first + index) * sliceMs;
    return { table, name: `${table}_from_${from / DAY_MS}`, from, to: from + sliceMs };
  });
}

/** Pure: the existing partitions (by name) of which every row has outlived its time. */
export function outlivedPartitions(
  { table, sliceMs, keptMs }: Partitioned,
  names: readonly string[],
  now: number,
): Partition[] {
  return names
    .map((name) => ({ name, day: new RegExp(`^${table}_from_(\\d+)$`).exec(name)?.[1] }))
    .filter(({ day }) => day !== undefined)
    .map(({ name, day }) => ({ table, name, from: Number(day) * DAY_MS, to: Number(day) * DAY_MS + sliceMs }))
    .filter(({ to }) => to <= now - keptMs)
    .sort((a, b) => a.from - b.from);
}

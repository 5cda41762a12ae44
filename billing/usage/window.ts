import type { Instant, Interval } from '../calendar/interval.ts';
import type { Rational } from '../money/rational.ts';

/** A metered fact: how much of a meter a resource used from when to when. An event at one instant has `from` equal to `to`. */
export interface UsageWindow extends Interval {
  /** With the source, forever unique. */
  id: string;
  meter: string;
  resource: string;
  quantity: Rational;
  attributes: Readonly<Record<string, string>>;
  /** When it became known: late is what comes after the period's collection window. */
  recordedAt: Instant;
  /** The window that this one replaces. */
  supersedes: string | null;
}

/** What still counts: windows that no later one replaced. */
export function standing(windows: readonly UsageWindow[]): UsageWindow[] {
  const replaced = new Set(windows.flatMap(({ supersedes }) => supersedes ?? []));
  return windows.filter(({ id }) => !replaced.has(id));
}

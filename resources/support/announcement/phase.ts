import type { AnnouncementSpec } from './kind.ts';

const DAY_MS = 86_400_000;

export interface Published extends Pick<AnnouncementSpec, 'type' | 'from' | 'until'> {
  /** ISO instant. */
  createdAt: string;
}

/** From when to when it holds, in epoch ms; an end of null: nobody knows yet. */
export function spanOf({ type, from, until, createdAt }: Published): { from: number; until: number | null } {
  const begins = Date.parse(from ?? createdAt);
  if (until !== undefined) return { from: begins, until: Date.parse(until) };
  return { from: begins, until: type === 'Resolution' ? begins + DAY_MS : null };
}

/** Pure: where it stands at `now` (epoch ms). It begins at its first instant and is over at its last. */
export function phaseOf(published: Published, now: number): 'upcoming' | 'current' | 'past' {
  const { from, until } = spanOf(published);
  if (now < from) return 'upcoming';
  return until === null || now < until ? 'current' : 'past';
}

import type { Instant } from '../calendar/interval.ts';
import { addDuration, dayOf, startOfDay } from '../calendar/zone.ts';
import { groupBy } from '../group.ts';
import { chargeable, type GapPolicy } from '../usage/journal.ts';
import type { UsageWindow } from '../usage/window.ts';
import type { CursorMove, Observed } from './books-store.ts';

export interface MeteringRules {
  now: Instant;
  /** Windows end at their midnights, where periods do: none is partly late. */
  zones: readonly string[];
  gaps: GapPolicy;
}

/**
 * Levels ∩ coverage from each cursor on, cut at local midnights. A window is known from its end on, whenever it was written down: so a
 * server that was away bills the same as one that was not.
 */
export function metered({ levels, coverage, cursors }: Observed, { now, zones, gaps }: MeteringRules): UsageWindow[] {
  const everywhere = { place: NOWHERE, from: 0, to: now, recordedAt: now };
  const until = new Map(cursors.map((cursor) => [keyOf(cursor.uid, cursor.meter), cursor.until]));
  return chargeable(levels, [...coverage, everywhere], gaps).flatMap((window) => {
    const from = Math.max(window.from, until.get(keyOf(window.resource, window.meter)) ?? 0);
    return cut({ ...window, from, to: Math.min(window.to, now) }, zones);
  });
}

/** The place of what is nowhere in particular: such things are always seen. */
const NOWHERE = '';

/** What may wait is what ends after the last midnight: so a day is one row, however often somebody looks. */
export function ripe(windows: readonly UsageWindow[], { now, zones }: Pick<MeteringRules, 'now' | 'zones'>) {
  const midnight = Math.max(...zones.map((zone) => startOfDay(dayOf(now, zone), zone)));
  return windows.filter(({ to }) => to <= midnight);
}

/** How the cursors move when these windows are written. */
export function movesFor(windows: readonly UsageWindow[], { cursors }: Pick<Observed, 'cursors'>): CursorMove[] {
  const from = new Map(cursors.map((cursor) => [keyOf(cursor.uid, cursor.meter), cursor.until]));
  return [...groupBy(windows, ({ resource, meter }) => keyOf(resource, meter))].flatMap(([key, own]) => {
    const first = own[0];
    if (first === undefined) return [];
    const until = Math.max(...own.map(({ to }) => to));
    return [{ uid: first.resource, meter: first.meter, from: from.get(key) ?? null, until }];
  });
}

function cut(window: UsageWindow, zones: readonly string[]): UsageWindow[] {
  const pieces: UsageWindow[] = [];
  let from = window.from;
  while (from < window.to) {
    const at = from;
    const to = Math.min(window.to, ...zones.map((zone) => midnightAfter(at, zone)));
    const { resource, meter } = window;
    const seq = window.id.split('/').at(-2);
    pieces.push({ ...window, id: `${resource}/${meter}/${seq}/${from}`, from, to, recordedAt: to });
    from = to;
  }
  return pieces;
}

function midnightAfter(at: Instant, zone: string): Instant {
  return startOfDay(dayOf(addDuration(startOfDay(dayOf(at, zone), zone), 'P1D', zone), zone), zone);
}

const keyOf = (uid: string, meter: string) => JSON.stringify([uid, meter]);

import { Temporal } from 'temporal-polyfill';
import { type Day, partsOf } from './civil.ts';
import type { Instant } from './interval.ts';

/** Which edition of the zones' rules this process knows: laws change them, and old documents say what they were cut by. */
export const ZONE_RULES: string = process.versions.tz ?? 'unknown';

export function isZone(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return true;
  } catch {
    return false;
  }
}

export function dayOf(at: Instant, zone: string): Day {
  return remembered(days, `${at} ${zone}`, () => zoned(at, zone).toPlainDate().toString());
}

/** Local midnight, or the first instant of the day where midnight does not exist. */
export function startOfDay(day: Day, zone: string): Instant {
  return remembered(
    midnights,
    `${day} ${zone}`,
    () => Temporal.PlainDate.from(day).toZonedDateTime({ timeZone: zone }).epochMilliseconds,
  );
}

/** The same boundaries are asked for by every account and at every pass, and looking into zones is what takes time. */
const days = new Map<string, Day>();
const midnights = new Map<string, Instant>();
const sums = new Map<string, Instant>();
const REMEMBERED_MAX = 100_000;

function remembered<Value>(memory: Map<string, Value>, key: string, compute: () => Value): Value {
  const known = memory.get(key);
  if (known !== undefined) return known;
  if (memory.size >= REMEMBERED_MAX) memory.clear();
  const value = compute();
  memory.set(key, value);
  return value;
}

/** A local date or date and time in a zone; undefined where it is none. A time in a DST gap is the first valid instant after it. */
export function parseLocal(text: string, zone: string): Instant | undefined {
  try {
    if (/^\d{4}-\d\d-\d\d$/.test(text)) return startOfDay(text, zone);
    if (/(Z|[+-]\d\d:\d\d)$/.test(text)) return Temporal.Instant.from(text).epochMilliseconds;
    return firstValid(Temporal.PlainDateTime.from(text), zone);
  } catch {
    return undefined;
  }
}

/** `2026-02-01` where the instant is a local midnight, else with the time. */
export function formatLocal(at: Instant, zone: string): string {
  const local = zoned(at, zone);
  if (local.equals(local.startOfDay())) return local.toPlainDate().toString();
  return local.toPlainDateTime().toString({ smallestUnit: local.millisecond === 0 ? 'second' : 'millisecond' });
}

export function yearOf(at: Instant, zone: string): number {
  return partsOf(dayOf(at, zone)).year;
}

/** Calendar addition in local time: three days later is the same wall clock, whatever the hours between are. */
export function addDuration(at: Instant, duration: string, zone: string): Instant {
  return remembered(
    sums,
    `${at} ${duration} ${zone}`,
    () => zoned(at, zone).add(Temporal.Duration.from(duration)).epochMilliseconds,
  );
}

export function isDuration(text: string): boolean {
  try {
    return Temporal.Duration.from(text).sign >= 0;
  } catch {
    return false;
  }
}

function zoned(at: Instant, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
}

function firstValid(local: Temporal.PlainDateTime, zone: string): Instant {
  const before = local.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (before.toPlainDateTime().equals(local)) return before.epochMilliseconds;
  const after = before.getTimeZoneTransition('next');
  return (after ?? before).epochMilliseconds;
}

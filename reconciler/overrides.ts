import type { Json } from './json.ts';
import type { StoredObject } from './object.ts';

/** The value of an override that still counts at `now` (epoch ms), else undefined. */
export function activeOverride(object: StoredObject, name: string, now: number): Json | undefined {
  const override = object.metadata.overrides[name];
  if (!override) return undefined;
  if (override.until !== null && Date.parse(override.until) <= now) return undefined;
  return override.value;
}

/** Epoch ms of the next instant at which the clock alone changes what is wished (an override or a grace period ends), or null. */
export function nextInstant(object: StoredObject, now: number): number | null {
  if (object.metadata.deletedAt === null && isEmpty(object.metadata.overrides)) return null;
  const ends = Object.values(object.metadata.overrides).map((override) => override.until);
  const instants = [...ends, object.metadata.deletedAt]
    .filter((instant): instant is string => instant !== null)
    .map((instant) => Date.parse(instant))
    .filter((instant) => instant > now);
  return instants.length === 0 ? null : Math.min(...instants);
}

function isEmpty(values: Readonly<Record<string, unknown>>): boolean {
  for (const _ in values) return false;
  return true;
}

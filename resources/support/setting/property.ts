import type { z } from 'zod';
import type { Json } from '../../../reconciler/json.ts';

/** Where a property may be set, from the widest to the narrowest: everywhere, for a channel, for a type of accounts. */
export const SETTING_SCOPES = ['global', 'channel', 'accountType'] as const;

export type SettingScope = (typeof SETTING_SCOPES)[number];

/** One thing that a provider may decide while the cloud runs. */
export interface Property<Value = unknown> {
  group: string;
  description: string;
  schema: z.ZodType<Value>;
  /** What the value is, for people: `minutes`, `percent of the amount`. */
  unit: string;
  /** In force while nobody set anything. */
  fallback: Json;
  /** Setting of the server's file whose value is the default in place of `fallback`: `signIn.sessionHours`. */
  file?: string;
  scopes: readonly SettingScope[];
  /** A change is in force only once another person agreed. */
  requiresApproval: boolean;
  /** Kind of which the value names an object, which has to be there. */
  names?: 'Channel' | 'DunningPolicy' | 'Role';
  /** When it can no longer be changed: what was billed was billed by it. */
  frozen: 'firstAccount' | null;
}

/** A property of the catalogue; what most have in common is left out. */
export function property<Value>(
  given: Pick<Property<Value>, 'group' | 'description' | 'schema' | 'unit' | 'fallback'> & Partial<Property<Value>>,
): Property<Value> {
  return { scopes: ['global'], requiresApproval: false, frozen: null, ...given };
}

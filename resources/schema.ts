import { z } from 'zod';
import type { Json } from '../reconciler/json.ts';

/** Field types that several kinds share, so that a tag or a switch means the same everywhere. */

const TAG = /^[A-Za-z0-9]([A-Za-z0-9._=-]{0,61}[A-Za-z0-9])?$/;

/** Free words that offerings ask for and hosts or pools carry, e.g. `ssd` or `gpu=a2`. All that are asked for must be there. */
export function tags() {
  return z
    .array(z.string().regex(TAG, 'a tag: 1 to 63 letters, digits, ".", "_", "=" or "-"'))
    .max(32)
    .default([])
    .meta({ update: 'live', group: 'Placement' });
}

/** `Disabled`: nothing new is placed here; what is here is left alone. */
export function allocation() {
  return z
    .enum(['Enabled', 'Disabled'])
    .default('Enabled')
    .meta({ update: 'live', group: 'Placement' })
    .describe('Disabled: nothing new is placed here; what is here goes on.');
}

/** Integer percent; 100 = what is there, 200 = twice that. */
export function percent() {
  return z.int().min(10).max(100_000).meta({ update: 'live', group: 'Placement' });
}

export function displayName() {
  return z.string().max(200).optional().meta({ update: 'live' }).describe('Name for people; any characters.');
}

/** What a column shows of a JSON value: nothing for what is not there, commas between the items of a list. */
export function cell(value: Json | undefined): string | number | undefined {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map((item) => cell(item) ?? '').join(',');
  return undefined;
}

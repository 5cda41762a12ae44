import type { Context } from '../context.ts';
import { UserError } from '../derive/list.ts';

export const KEY_ARGUMENT = 'idempotencyKey';

export const KEY_WORDS =
  'Of the caller’s own making. The same key with the same request is answered as before, for 30 days, and nothing is done again; with another request it is a CONFLICT.';

export function checkedKey(key: string): string {
  if (/^[\x21-\x7e]{8,200}$/.test(key)) return key;
  throw new UserError(`${KEY_ARGUMENT}: write 8 to 200 visible ASCII characters, such as a UUID.`);
}

/** The key of a mutation that takes none without one. */
export function ownKeyOf({ idempotencyKey }: Context): string {
  if (idempotencyKey === undefined) throw new Error('A mutation that needs a key ran without one.');
  return idempotencyKey;
}

import { UserError } from '../derive/list.ts';

export const KEY = 'Of the caller’s own making; the same key is the same request, for 30 days.';

export function keyOf(key: string): string {
  if (/^[\x21-\x7e]{8,200}$/.test(key)) return key;
  throw new UserError('idempotencyKey: write 8 to 200 visible ASCII characters, such as a UUID.');
}

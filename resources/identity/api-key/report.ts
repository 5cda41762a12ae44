import { reason } from '../../../reconciler/json.ts';
import type { Report } from '../../../reconciler/kind.ts';
import type { ApiKeyInput } from './plan.ts';

/** Pure: whether the key may be used. */
export function reportApiKey({ object, now }: Pick<ApiKeyInput, 'object' | 'now'>): Report<Record<string, never>> {
  const { suspended, expiresAt } = object.spec;
  const expired = expiresAt !== undefined && Date.parse(expiresAt) <= now;
  const status = suspended || expired ? 'False' : 'True';
  if (suspended) return { status: {}, conditions: [{ type: 'Enabled', status, reason: reason('KeySuspended') }] };
  const why = expired ? reason('KeyExpired', { at: expiresAt }) : reason('KeyEnabled');
  return { status: {}, conditions: [{ type: 'Enabled', status, reason: why }] };
}

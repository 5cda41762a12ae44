import type { StoredMethod } from '../../../billing/payment/gateway.ts';
import { type JsonValue, numberAt, textAt } from '../json.ts';

/** What may be shown of a payment method; null where it is none. */
export function storedMethod(method: JsonValue | undefined): StoredMethod | null {
  const token = textAt(method, 'id');
  const year = numberAt(method, 'card', 'exp_year');
  const month = numberAt(method, 'card', 'exp_month');
  if (token === null) return null;
  return {
    token,
    brand: textAt(method, 'card', 'brand') ?? textAt(method, 'type'),
    last4: textAt(method, 'card', 'last4'),
    expires: year === null || month === null ? null : `${year}-${String(month).padStart(2, '0')}`,
  };
}

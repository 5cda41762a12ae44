import type Stripe from 'stripe';
import type { GatewayOutcome, Lookup } from '../../../billing/payment/gateway.ts';
import { at, type JsonValue, listAt, textAt } from '../json.ts';
import { get, type StripeOptions } from './client.ts';
import { failure, intentState, refundState } from './outcomes.ts';

const PAGE = 100;
/** A customer has few payments between a call and its polls; more than these pages is not searched, and so nothing is said. */
const PAGES_MAX = 10;
const SKEW_S = 300;

/** By the key in the metadata, among a customer's intents, or a charge's refunds: such lists are complete at once, searches are not. */
export async function lookup(
  options: StripeOptions,
  { key, verb, customer, externalId, since }: Lookup,
): Promise<GatewayOutcome | { state: 'absent' }> {
  const path = verb === 'CHARGE' ? '/v1/payment_intents' : '/v1/refunds';
  const state = (found: JsonValue) => (verb === 'CHARGE' ? intentState(found, 'succeeded') : refundState(found));
  if (verb === 'REFUND' && externalId === null) return { state: 'unknown', code: 'no_charge', externalId: null };
  const created = { gte: Math.floor(since / 1_000) - SKEW_S };
  const base: Stripe.PaymentIntentListParams | Stripe.RefundListParams =
    verb === 'CHARGE' ? { customer, created, limit: PAGE } : { payment_intent: externalId ?? '', limit: PAGE };
  let after: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await get(options, { path, parameters: { ...base, starting_after: after } });
    if (answer.state !== 'done') return failure(answer);
    const rows = listAt(answer.body, 'data');
    const found = rows.find((row) => textAt(row, 'metadata', 'steward_key') === key);
    if (found !== undefined) return state(found);
    after = textAt(rows.at(-1), 'id') ?? undefined;
    if (at(answer.body, 'has_more') !== true)
      return at(answer.body, 'has_more') === false ? { state: 'absent' } : unreadable();
  }
  return { state: 'unknown', code: 'too_many_payments', externalId: null };
}

function unreadable(): GatewayOutcome {
  return { state: 'unknown', code: 'unreadable', externalId: null };
}

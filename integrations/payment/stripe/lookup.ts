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
  if (verb === 'CAPTURE' || verb === 'VOID') return standing(options, verb, externalId ?? '');
  const path = verb !== 'REFUND' ? '/v1/payment_intents' : '/v1/refunds';
  const state = (found: JsonValue) => {
    if (verb === 'REFUND') return refundState(found);
    const isHeld = verb === 'AUTHORISE' && textAt(found, 'status') === 'requires_capture';
    return intentState(found, isHeld ? 'requires_capture' : 'succeeded');
  };
  if (verb === 'REFUND' && externalId === null) return { state: 'unknown', code: 'no_charge', externalId: null };
  const created = { gte: Math.floor(since / 1_000) - SKEW_S };
  const base: Stripe.PaymentIntentListParams | Stripe.RefundListParams =
    verb !== 'REFUND' ? { customer, created, limit: PAGE } : { payment_intent: externalId ?? '', limit: PAGE };
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

/** What follows on an authorisation leaves no row of its own: the intent says where it stands. */
async function standing(
  options: StripeOptions,
  verb: 'CAPTURE' | 'VOID',
  externalId: string,
): Promise<GatewayOutcome | { state: 'absent' }> {
  const answer = await get(options, { path: `/v1/payment_intents/${encodeURIComponent(externalId)}`, parameters: {} });
  if (answer.state !== 'done') return failure(answer);
  const status = textAt(answer.body, 'status');
  if (status === 'requires_capture') return { state: 'absent' };
  if (verb === 'VOID' && status === 'succeeded')
    return { state: 'declined', code: 'captured', retryable: false, externalId };
  return intentState(answer.body, verb === 'VOID' ? 'canceled' : 'succeeded');
}

function unreadable(): GatewayOutcome {
  return { state: 'unknown', code: 'unreadable', externalId: null };
}

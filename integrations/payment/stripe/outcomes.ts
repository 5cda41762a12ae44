import type Stripe from 'stripe';
import type { GatewayOutcome } from '../../../billing/payment/gateway.ts';
import { at, type JsonValue, textAt } from '../json.ts';
import type { StripeAnswer } from './client.ts';

/** Banks' words after which the same card will never do. Everything else may work another day. */
const HARD: ReadonlySet<string> = new Set([
  'authentication_required',
  'card_not_supported',
  'currency_not_supported',
  'expired_card',
  'fraudulent',
  'incorrect_number',
  'invalid_account',
  'invalid_number',
  'lost_card',
  'merchant_blacklist',
  'new_account_information_available',
  'no_such_payment_method',
  'pickup_card',
  'restricted_card',
  'resource_missing',
  'revocation_of_all_authorizations',
  'revocation_of_authorization',
  'security_violation',
  'stolen_card',
  'stop_payment_order',
]);

/** What a call about a payment intent came to. `wanted`: the status that it should reach. */
export function intentOutcome(
  answer: StripeAnswer,
  wanted: 'succeeded' | 'requires_capture' | 'canceled',
): GatewayOutcome {
  return answer.state === 'done' ? intentState(answer.body, wanted) : failure(answer);
}

export function intentState(intent: JsonValue | undefined, wanted: string): GatewayOutcome {
  const externalId = textAt(intent, 'id');
  if (externalId === null) return { state: 'unknown', code: 'unreadable', externalId: null };
  const status = textAt(intent, 'status') as Stripe.PaymentIntent['status'] | null;
  if (status === wanted) return { state: 'succeeded', externalId };
  switch (status) {
    case 'requires_action': {
      const url = textAt(intent, 'next_action', 'redirect_to_url', 'url');
      return { state: 'requiresAction', externalId, url };
    }
    case 'requires_payment_method': {
      const code = declineCode(at(intent, 'last_payment_error')) ?? 'declined';
      return { state: 'declined', code, retryable: !HARD.has(code), externalId };
    }
    case 'canceled':
      return { state: 'declined', code: 'canceled', retryable: true, externalId };
    default:
      return { state: 'unknown', code: status ?? 'unreadable', externalId };
  }
}

export function refundOutcome(answer: StripeAnswer): GatewayOutcome {
  return answer.state === 'done' ? refundState(answer.body) : failure(answer);
}

export function refundState(refund: JsonValue | undefined): GatewayOutcome {
  const externalId = textAt(refund, 'id');
  if (externalId === null) return { state: 'unknown', code: 'unreadable', externalId: null };
  const status = textAt(refund, 'status') as Stripe.Refund['status'] | null;
  if (status === 'succeeded') return { state: 'succeeded', externalId };
  if (status === 'failed' || status === 'canceled') {
    const code = textAt(refund, 'failure_reason') ?? status;
    return { state: 'declined', code, retryable: false, externalId };
  }
  return { state: 'unknown', code: status ?? 'unreadable', externalId };
}

/** An answer that is no success. A card's refusal comes as an error that holds the intent. */
export function failure(answer: Exclude<StripeAnswer, { state: 'done' }>): GatewayOutcome {
  if (answer.state === 'notSent') return { state: 'refused', code: answer.code, retryable: true };
  if (answer.state === 'unknown') return { state: 'unknown', code: answer.code, externalId: null };
  const { status, type, code, declineCode: decline, body } = answer;
  if (type === 'card_error') {
    const why = decline ?? code;
    const externalId = textAt(body, 'error', 'payment_intent', 'id');
    return { state: 'declined', code: why, retryable: !HARD.has(why), externalId };
  }
  // Of an intent in another state, Stripe tells where it stands: a void that came too late, a capture that was made.
  if (code === 'payment_intent_unexpected_state' || code === 'charge_already_refunded' || code === 'resource_missing')
    return { state: 'declined', code, retryable: false, externalId: null };
  if (type === 'idempotency_error') return { state: 'refused', code: type, retryable: false };
  return { state: 'refused', code, retryable: status === 429 };
}

function declineCode(error: JsonValue | undefined): string | null {
  return textAt(error, 'decline_code') ?? textAt(error, 'code');
}

import type Stripe from 'stripe';
import type { GatewayEvent, WebhookRequest, WebhookVerdict } from '../../../billing/payment/gateway.ts';
import { at, type JsonValue, numberAt, parseJson, textAt } from '../json.ts';
import { judgeTimed } from '../signature.ts';
import { fromStripeAmount } from './amount.ts';
import { intentState, refundState } from './outcomes.ts';
import { storedMethod } from './stored-method.ts';

export function readStripeWebhook(secret: string, { headers, body, now }: WebhookRequest): WebhookVerdict {
  const judged = judgeTimed(headers['stripe-signature'], { secret, body, now });
  if (judged !== 'good') return { ok: false, reason: judged };
  const event = parseJson(Buffer.from(body).toString('utf8'));
  const id = textAt(event, 'id');
  const type = textAt(event, 'type');
  if (id === null || type === null) return { ok: false, reason: 'malformed' };
  return { ok: true, id, event: read(type as Stripe.Event['type'], at(event, 'data', 'object')) };
}

function read(type: Stripe.Event['type'], object: JsonValue | undefined): GatewayEvent | null {
  switch (type) {
    case 'payment_intent.succeeded':
    case 'payment_intent.payment_failed':
    case 'payment_intent.canceled':
    case 'payment_intent.requires_action':
      return outcome('CHARGE', object, intentState(object, 'succeeded'));
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
      return outcome('REFUND', object, refundState(object));
    case 'charge.dispute.created':
    case 'charge.dispute.closed':
      return dispute(object);
    case 'payment_method.attached':
      return attached(object);
    default:
      return null;
  }
}

/** What was not made by us carries no key, and is nobody's business here. */
function outcome(
  verb: 'CHARGE' | 'REFUND',
  object: JsonValue | undefined,
  result: ReturnType<typeof refundState>,
): GatewayEvent | null {
  const key = textAt(object, 'metadata', 'steward_key');
  const externalId = textAt(object, 'id');
  return key === null || externalId === null ? null : { type: 'outcome', verb, key, externalId, outcome: result };
}

function dispute(object: JsonValue | undefined): GatewayEvent | null {
  const id = textAt(object, 'id');
  const externalId = textAt(object, 'payment_intent');
  const amount = numberAt(object, 'amount');
  const currency = textAt(object, 'currency');
  const status = textAt(object, 'status') as Stripe.Dispute['status'] | null;
  if (id === null || externalId === null || amount === null || currency === null || status === null) return null;
  // A warning takes no money yet.
  if (status.startsWith('warning_')) return null;
  const state = status === 'won' ? 'won' : status === 'lost' ? 'lost' : 'opened';
  return { type: 'dispute', id, externalId, state, amount: fromStripeAmount(amount, currency.toUpperCase()) };
}

function attached(object: JsonValue | undefined): GatewayEvent | null {
  const customer = textAt(object, 'customer');
  const method = storedMethod(object);
  return customer === null || method === null ? null : { type: 'methodStored', customer, method };
}

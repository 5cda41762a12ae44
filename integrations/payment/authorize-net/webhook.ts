import { createHmac } from 'node:crypto';
import type { GatewayEvent, WebhookRequest, WebhookVerdict } from '../../../billing/payment/gateway.ts';
import { at, type JsonValue, parseJson, textAt } from '../json.ts';
import { isEqual } from '../signature.ts';

const TRANSACTION = 'net.authorize.payment.';
const PROFILE = 'net.authorize.customer.paymentProfile.created';

/**
 * `X-ANET-Signature: sha512=HEX`, HMAC-SHA512 over the body. No time is in it: only that each notification's id is taken once keeps a
 * recorded one from doing anything.
 */
export function readAuthorizeNetWebhook(signatureKey: string, { headers, body }: WebhookRequest): WebhookVerdict {
  const given = /^sha512=([0-9a-f]{128})$/i.exec(headers['x-anet-signature'] ?? '')?.[1];
  const expected = createHmac('sha512', signatureKey).update(body).digest();
  if (given === undefined || !isEqual(expected, given)) return { ok: false, reason: 'signature' };
  const notification = parseJson(Buffer.from(body).toString('utf8'));
  const id = textAt(notification, 'notificationId');
  const type = textAt(notification, 'eventType');
  if (id === null || type === null) return { ok: false, reason: 'malformed' };
  return { ok: true, id, event: read(type, at(notification, 'payload')) };
}

/**
 * It does not repeat our key, and says too little about the outcome: it is a hint to look. None of its published events tells of a
 * chargeback: those come from the acquiring bank, on paper, and a person books them.
 */
function read(type: string, payload: JsonValue | undefined): GatewayEvent | null {
  const externalId = textAt(payload, 'id');
  if (externalId === null) return null;
  if (type === PROFILE) {
    const customer = String(at(payload, 'customerProfileId') ?? '');
    if (customer === '') return null;
    return { type: 'methodStored', customer, method: { token: externalId, brand: null, last4: null, expires: null } };
  }
  if (!type.startsWith(TRANSACTION)) return null;
  const verb = type === `${TRANSACTION}refund.created` ? 'REFUND' : 'CHARGE';
  return { type: 'outcome', verb, key: null, externalId, outcome: null };
}

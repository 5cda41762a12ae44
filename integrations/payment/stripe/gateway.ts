import type Stripe from 'stripe';
import type {
  ChargeRequest,
  FollowUp,
  GatewayOutcome,
  HostedForm,
  HostedFormRequest,
  Made,
  PaymentGateway,
  StoredMethod,
} from '../../../billing/payment/gateway.ts';
import { type JsonValue, numberAt, textAt } from '../json.ts';
import { toStripeAmount } from './amount.ts';
import { post, type StripeAnswer, type StripeOptions } from './client.ts';
import { lookup } from './lookup.ts';
import { intentOutcome, refundOutcome } from './outcomes.ts';
import { storedMethod } from './stored-method.ts';
import { readStripeWebhook } from './webhook.ts';

const DAY_MS = 86_400_000;

/** Stripe: payment intents on stored methods, with the payer absent. Keys go as Idempotency-Key and stand in the metadata. */
export function createStripeGateway(options: StripeOptions): PaymentGateway {
  return {
    name: 'stripe',
    capabilities: { deadlineMs: options.deadlineMs, keyLifetimeMs: DAY_MS, lookupLagMs: 60_000 },
    charge: (request) => confirm(options, request, 'succeeded'),
    authorise: (request) => confirm(options, request, 'requires_capture'),
    capture: (request) => capture(options, request),
    refund: (request) => refund(options, request),
    void: ({ key, externalId }) =>
      post(options, { path: intentPath(externalId, 'cancel'), key, parameters: {} }).then((answer) =>
        intentOutcome(answer, 'canceled'),
      ),
    lookup: (request) => lookup(options, request),
    createCustomer: async ({ key, account }) => {
      const parameters: Stripe.CustomerCreateParams = { description: account, metadata: { steward_account: account } };
      const answer = await post(options, { path: '/v1/customers', key, parameters });
      return made(answer, (body) => {
        const customer = textAt(body, 'id');
        return customer === null ? null : { customer };
      });
    },
    storeMethod: (request) => storeMethod(options, request),
    hostedForm: (request) => hostedForm(options, request),
    webhook: (request) => readStripeWebhook(options.webhookSecret, request),
  };
}

async function confirm(
  options: StripeOptions,
  { key, customer, method, amount, currency, description }: ChargeRequest,
  wanted: 'succeeded' | 'requires_capture',
): Promise<GatewayOutcome> {
  const units = toStripeAmount(amount, currency);
  if (units === null) return { state: 'refused', code: 'amount_not_representable', retryable: false };
  const parameters: Stripe.PaymentIntentCreateParams = {
    amount: units,
    currency: currency.toLowerCase(),
    customer,
    payment_method: method,
    confirm: true,
    off_session: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    capture_method: wanted === 'succeeded' ? 'automatic' : 'manual',
    description,
    metadata: { steward_key: key },
  };
  return intentOutcome(await post(options, { path: '/v1/payment_intents', key, parameters }), wanted);
}

async function capture(
  options: StripeOptions,
  { key, externalId, amount, currency }: FollowUp & { amount: bigint },
): Promise<GatewayOutcome> {
  const units = toStripeAmount(amount, currency);
  if (units === null) return { state: 'refused', code: 'amount_not_representable', retryable: false };
  const parameters: Stripe.PaymentIntentCaptureParams = { amount_to_capture: units };
  return intentOutcome(await post(options, { path: intentPath(externalId, 'capture'), key, parameters }), 'succeeded');
}

async function refund(
  options: StripeOptions,
  { key, externalId, amount, currency }: FollowUp & { amount: bigint },
): Promise<GatewayOutcome> {
  const units = toStripeAmount(amount, currency);
  if (units === null) return { state: 'refused', code: 'amount_not_representable', retryable: false };
  const parameters: Stripe.RefundCreateParams = {
    payment_intent: externalId,
    amount: units,
    metadata: { steward_key: key },
  };
  const answer = await post(options, { path: '/v1/refunds', key, parameters });
  // More than there is: Stripe says so as an invalid request, without a code.
  if (answer.state === 'error' && answer.status === 400 && answer.code === 'invalid_request_error')
    return { state: 'declined', code: 'amount_too_large', retryable: false, externalId: null };
  return refundOutcome(answer);
}

async function storeMethod(
  options: StripeOptions,
  { key, customer, token }: { key: string; customer: string; token: string },
): Promise<Made<StoredMethod>> {
  const parameters: Stripe.PaymentMethodAttachParams = { customer };
  const path = `/v1/payment_methods/${encodeURIComponent(token)}/attach`;
  return made(await post(options, { path, key, parameters }), storedMethod);
}

/** Checkout in its setup mode: the card is entered at Stripe, and comes back by webhook as an attached method. */
async function hostedForm(
  options: StripeOptions,
  { key, customer, currency, returnUrl }: HostedFormRequest,
): Promise<Made<HostedForm>> {
  const parameters: Stripe.Checkout.SessionCreateParams = {
    mode: 'setup',
    customer,
    currency: currency.toLowerCase(),
    success_url: returnUrl,
    cancel_url: returnUrl,
  };
  const answer = await post(options, { path: '/v1/checkout/sessions', key, parameters });
  return made(answer, (body) => {
    const url = textAt(body, 'url');
    const expires = numberAt(body, 'expires_at');
    return url === null || expires === null ? null : { url, fields: {}, expiresAt: expires * 1_000 };
  });
}

function made<Thing>(answer: StripeAnswer, read: (body: JsonValue) => Thing | null): Made<Thing> {
  if (answer.state !== 'done') {
    const isFinal = answer.state === 'error' && answer.status !== 429;
    return { ok: false, code: answer.code, retryable: !isFinal };
  }
  const value = read(answer.body);
  return value === null ? { ok: false, code: 'unreadable', retryable: true } : { ok: true, value };
}

function intentPath(externalId: string, verb: string): string {
  return `/v1/payment_intents/${encodeURIComponent(externalId)}/${verb}`;
}

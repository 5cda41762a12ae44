import { formatMoney, parseMoney } from '../../../billing/money/currency.ts';
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
import { at, textAt } from '../json.ts';
import { type AuthorizeNetAnswer, type AuthorizeNetOptions, isBusy, referenceOf, request } from './client.ts';
import { lookup } from './lookup.ts';
import { transactionOutcome } from './outcomes.ts';
import { readAuthorizeNetWebhook } from './webhook.ts';

/** Of a card that is given back to, the gateway knows the month and wants it as it shows it. */
const MASKED_EXPIRY = 'XXXX';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** The longest in which the same reference and amount cannot charge twice. */
const DUPLICATE_WINDOW_S = 28_800;
const ALREADY_CAPTURED = '33';
const ALREADY_VOIDED = '310';

/** Authorize.Net: customer and payment profiles, charged with the payer absent. Our key's hash goes as the invoice number. */
export function createAuthorizeNetGateway(options: AuthorizeNetOptions): PaymentGateway {
  return {
    name: 'authorize-net',
    capabilities: { deadlineMs: options.deadlineMs, keyLifetimeMs: 8 * HOUR_MS, lookupLagMs: 5 * MINUTE_MS },
    charge: (wish) => sale(options, wish, 'authCaptureTransaction'),
    authorise: (wish) => sale(options, wish, 'authOnlyTransaction'),
    capture: async ({ key, externalId, amount, currency }) =>
      transactionOutcome(
        await transaction(options, key, {
          transactionType: 'priorAuthCaptureTransaction',
          amount: formatMoney(amount, currency),
          refTransId: externalId,
        }),
        ALREADY_CAPTURED,
      ),
    refund: (wish) => refund(options, wish),
    void: (wish) => voided(options, wish),
    lookup: (wish) => lookup(options, wish),
    createCustomer: (wish) => createCustomer(options, wish),
    storeMethod: (wish) => storeMethod(options, wish),
    hostedForm: (wish) => hostedForm(options, wish),
    webhook: (wish) => readAuthorizeNetWebhook(options.signatureKey, wish),
  };
}

function transaction(
  options: AuthorizeNetOptions,
  key: string,
  transactionRequest: object,
): Promise<AuthorizeNetAnswer> {
  return request(options, 'createTransactionRequest', { refId: referenceOf(key), transactionRequest });
}

async function sale(
  options: AuthorizeNetOptions,
  { key, customer, method, amount, currency, description }: ChargeRequest,
  transactionType: 'authCaptureTransaction' | 'authOnlyTransaction',
): Promise<GatewayOutcome> {
  const answer = await transaction(options, key, {
    transactionType,
    amount: formatMoney(amount, currency),
    currencyCode: currency,
    profile: { customerProfileId: customer, paymentProfile: { paymentProfileId: method } },
    order: { invoiceNumber: referenceOf(key), description: description.slice(0, 255) },
    transactionSettings: { setting: [{ settingName: 'duplicateWindow', settingValue: String(DUPLICATE_WINDOW_S) }] },
  });
  return transactionOutcome(answer);
}

/** What is settled is refunded to the card it came from; what is not yet can only be voided, and only whole. */
async function refund(
  options: AuthorizeNetOptions,
  { key, externalId, amount, currency }: FollowUp & { amount: bigint },
): Promise<GatewayOutcome> {
  const details = await request(options, 'getTransactionDetailsRequest', { transId: externalId });
  // Only a question so far: nothing can have moved.
  if (details.state !== 'done') return { state: 'refused', code: details.code, retryable: true };
  const charge = at(details.body, 'transaction');
  const status = textAt(charge, 'transactionStatus');
  const cardNumber = textAt(charge, 'payment', 'creditCard', 'cardNumber');
  if (status === 'capturedPendingSettlement' || status === 'voided') {
    const charged = at(charge, 'settleAmount') ?? at(charge, 'authAmount');
    const isWhole = parseMoney(String(charged), currency) === amount;
    if (isWhole) return voided(options, { key, externalId, currency });
    return { state: 'declined', code: 'not_settled_yet', retryable: true, externalId: null };
  }
  if (status !== 'settledSuccessfully' || cardNumber === null)
    return { state: 'declined', code: status ?? 'unreadable', retryable: false, externalId: null };
  const answer = await transaction(options, key, {
    transactionType: 'refundTransaction',
    amount: formatMoney(amount, currency),
    currencyCode: currency,
    payment: { creditCard: { cardNumber, expirationDate: MASKED_EXPIRY } },
    refTransId: externalId,
    order: { invoiceNumber: referenceOf(key) },
    transactionSettings: { setting: [{ settingName: 'duplicateWindow', settingValue: String(DUPLICATE_WINDOW_S) }] },
  });
  return transactionOutcome(answer);
}

async function voided(options: AuthorizeNetOptions, { key, externalId }: FollowUp): Promise<GatewayOutcome> {
  const answer = await transaction(options, key, { transactionType: 'voidTransaction', refTransId: externalId });
  return transactionOutcome(answer, ALREADY_VOIDED);
}

/** The merchant's own id is unique there, and the error about a second one names the first. */
async function createCustomer(
  options: AuthorizeNetOptions,
  { account }: { key: string; account: string },
): Promise<Made<{ customer: string }>> {
  const profile = { merchantCustomerId: referenceOf(`customer/${account}`), description: account.slice(0, 255) };
  const answer = await request(options, 'createCustomerProfileRequest', { profile });
  if (answer.state !== 'done') {
    const text = answer.state === 'error' ? textAt(answer.body, 'messages', 'message', 0, 'text') : null;
    const known = /\bID (\d+)\b/.exec(text ?? '')?.[1];
    return answer.code === 'E00039' && known !== undefined ? { ok: true, value: { customer: known } } : failed(answer);
  }
  const customer = textAt(answer.body, 'customerProfileId');
  return customer === null ? unreadable() : { ok: true, value: { customer } };
}

/** `token`: what Accept.js made in the payer's browser, or a payment profile that the hosted form has stored already. */
async function storeMethod(
  options: AuthorizeNetOptions,
  { customer, token }: { customer: string; token: string },
): Promise<Made<StoredMethod>> {
  if (/^\d+$/.test(token)) return readMethod(options, { customer, method: token });
  const opaqueData = { dataDescriptor: 'COMMON.ACCEPT.INAPP.PAYMENT', dataValue: token };
  const answer = await request(options, 'createCustomerPaymentProfileRequest', {
    customerProfileId: customer,
    paymentProfile: { payment: { opaqueData } },
    validationMode: 'none',
  });
  const isKnown = answer.state === 'error' && answer.code === 'E00039';
  if (answer.state !== 'done' && !isKnown) return failed(answer);
  const method = textAt(answer.body, 'customerPaymentProfileId');
  return method === null ? unreadable() : readMethod(options, { customer, method });
}

async function readMethod(
  options: AuthorizeNetOptions,
  { customer, method }: { customer: string; method: string },
): Promise<Made<StoredMethod>> {
  const answer = await request(options, 'getCustomerPaymentProfileRequest', {
    customerProfileId: customer,
    customerPaymentProfileId: method,
    unmaskExpirationDate: 'true',
  });
  if (answer.state !== 'done') return failed(answer);
  const card = at(answer.body, 'paymentProfile', 'payment', 'creditCard');
  const expires = textAt(card, 'expirationDate');
  const value: StoredMethod = {
    token: method,
    brand: textAt(card, 'cardType'),
    last4: textAt(card, 'cardNumber')?.slice(-4) ?? null,
    expires: expires !== null && /^\d{4}-\d{2}$/.test(expires) ? expires : null,
  };
  return { ok: true, value };
}

/** A token for the hosted page, posted there by the payer's browser; good for a quarter of an hour. */
async function hostedForm(
  options: AuthorizeNetOptions,
  { customer, returnUrl, now }: HostedFormRequest,
): Promise<Made<HostedForm>> {
  const answer = await request(options, 'getHostedProfilePageRequest', {
    customerProfileId: customer,
    hostedProfileSettings: { setting: [{ settingName: 'hostedProfileReturnUrl', settingValue: returnUrl }] },
  });
  if (answer.state !== 'done') return failed(answer);
  const token = textAt(answer.body, 'token');
  if (token === null) return unreadable();
  return { ok: true, value: { url: options.formUrl, fields: { token }, expiresAt: now + 15 * MINUTE_MS } };
}

function failed(answer: Exclude<AuthorizeNetAnswer, { state: 'done' }>): {
  ok: false;
  code: string;
  retryable: boolean;
} {
  return { ok: false, code: answer.code, retryable: answer.state !== 'error' || isBusy(answer.code) };
}

function unreadable(): { ok: false; code: string; retryable: boolean } {
  return { ok: false, code: 'unreadable', retryable: true };
}

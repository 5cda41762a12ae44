import type { GatewayOutcome, PaymentGateway } from '../../../billing/payment/gateway.ts';
import type { Bank, Wish } from './bank.ts';
import { readSandboxWebhook } from './webhook.ts';

/** How the bank is reached: in this process, or over HTTP. */
export interface BankLine {
  call(wish: Wish): Promise<GatewayOutcome>;
  lookup: (which: Parameters<Bank['lookup']>[0]) => Promise<ReturnType<Bank['lookup']>>;
  createCustomer(key: string): Promise<string | null>;
  storeMethod(token: string): Promise<ReturnType<Bank['storeMethod']> | 'unreachable'>;
}

export interface SandboxOptions {
  webhookSecret: string;
  deadlineMs: number;
  /** Where the pretended page is. */
  formUrl: string;
}

const DAY_MS = 86_400_000;
const FORM_MS = 3_600_000;

/** A gateway that moves no money: for tests, demos and trying out. Outcomes by token, by amount or by script. */
export function createSandboxGateway(
  line: BankLine,
  { webhookSecret, deadlineMs, formUrl }: SandboxOptions,
): PaymentGateway {
  const about = (key: string, of: string) => ({ key, of, method: '' });
  return {
    name: 'sandbox',
    capabilities: { deadlineMs, keyLifetimeMs: 365 * DAY_MS, lookupLagMs: 0 },
    charge: ({ key, method, amount }) => line.call({ key, verb: 'CHARGE', of: null, method, amount }),
    authorise: ({ key, method, amount }) => line.call({ key, verb: 'AUTHORISE', of: null, method, amount }),
    capture: ({ key, externalId, amount }) => line.call({ ...about(key, externalId), verb: 'CAPTURE', amount }),
    refund: ({ key, externalId, amount }) => line.call({ ...about(key, externalId), verb: 'REFUND', amount }),
    void: ({ key, externalId }) => line.call({ ...about(key, externalId), verb: 'VOID', amount: 0n }),
    lookup: (which) => line.lookup({ key: which.key }),
    createCustomer: async ({ key }) => {
      const customer = await line.createCustomer(key);
      return customer === null
        ? { ok: false, code: 'unreachable', retryable: true }
        : { ok: true, value: { customer } };
    },
    storeMethod: async ({ token }) => {
      const method = await line.storeMethod(token);
      if (method === 'unreachable') return { ok: false, code: 'unreachable', retryable: true };
      return method === null ? { ok: false, code: 'unknown_token', retryable: false } : { ok: true, value: method };
    },
    hostedForm: async ({ customer, returnUrl, now }) => {
      const url = new URL(formUrl);
      url.searchParams.set('customer', customer);
      url.searchParams.set('return', returnUrl);
      return { ok: true, value: { url: url.href, fields: {}, expiresAt: now + FORM_MS } };
    },
    webhook: (request) => readSandboxWebhook(webhookSecret, request),
  };
}

/** The bank in this process: it forgets with it. */
export function directLine(
  bank: Bank,
  onMoved: (wish: Wish, outcome: GatewayOutcome) => void = () => undefined,
): BankLine {
  return {
    call: async (wish) => {
      const { outcome, lost, isNew } = bank.move(wish);
      if (isNew) onMoved(wish, outcome);
      return lost ? { state: 'unknown', code: 'lost', externalId: null } : outcome;
    },
    lookup: async (which) => bank.lookup(which),
    createCustomer: async (key) => bank.createCustomer(key),
    storeMethod: async (token) => bank.storeMethod(token),
  };
}

import { createHmac } from 'node:crypto';
import type { PaymentGateway } from '../../billing/payment/gateway.ts';
import { CREDENTIALS, startFakeAuthorizeNet } from './authorize-net/fake-authorize-net.fixture.ts';
import { createAuthorizeNetGateway } from './authorize-net/gateway.ts';
import type { Fault } from './fake-server.fixture.ts';
import { describeGateway, type Subject } from './gateway-contract.fixture.ts';
import { type Bank, type Behaviour, createBank } from './sandbox/bank.ts';
import { createSandboxGateway, directLine } from './sandbox/gateway.ts';
import { httpLine } from './sandbox/http-line.ts';
import { startSandboxServer } from './sandbox/http-server.ts';
import { writeSandboxWebhook } from './sandbox/webhook.ts';
import { signTimed } from './signature.ts';
import { SECRET_KEY, startFakeStripe } from './stripe/fake-stripe.fixture.ts';
import { createStripeGateway } from './stripe/gateway.ts';

// Long for a busy machine; one call of each gateway runs into it.
const DEADLINE_MS = 20_000;
const SANDBOX = { webhookSecret: 'whsec_sandbox', deadlineMs: DEADLINE_MS, formUrl: 'http://127.0.0.1:1/form' };

async function customerOf(gateway: PaymentGateway): Promise<string> {
  const made = await gateway.createCustomer({ key: 'customer/acme', account: 'acme' });
  if (!made.ok) throw new Error(made.code);
  return made.value.customer;
}

async function method(gateway: PaymentGateway, customer: string, token: string): Promise<string> {
  const stored = await gateway.storeMethod({ key: `store/${token}`, customer, token });
  if (!stored.ok) throw new Error(stored.code);
  return stored.value.token;
}

describeGateway('the sandbox in this process', () => {
  const bank = createBank();
  return sandbox(bank, createSandboxGateway(directLine(bank), SANDBOX), { secrets: [], close: async () => undefined });
});

describeGateway('the sandbox over HTTP', async () => {
  const server = await startSandboxServer({ host: '127.0.0.1', port: 0, webhook: null });
  const gateway = createSandboxGateway(httpLine({ url: server.url, deadlineMs: DEADLINE_MS }), SANDBOX);
  return sandbox(server.bank, gateway, { secrets: [SANDBOX.webhookSecret], close: server.close });
});

async function sandbox(
  bank: Bank,
  gateway: PaymentGateway,
  rest: Pick<Subject, 'secrets' | 'close'>,
): Promise<Subject> {
  const faults: Record<Fault, Behaviour> = {
    doneCut: 'doneLost',
    half: 'doneLost',
    hang: 'doneLost',
    broken: 'doneLost',
    undoneCut: 'undoneLost',
    busy: 'refuse',
    maintenance: 'refuse',
  };
  return {
    ...rest,
    gateway,
    intruder: null,
    customer: await customerOf(gateway),
    methods: { good: 'tok_sandbox', poor: 'tok_declined', stolen: 'tok_stolen', confirm: 'tok_confirm' },
    next: (fault) => bank.script([faults[fault]]),
    charged: () =>
      bank
        .movements()
        .filter(({ verb, outcome }) => (verb === 'CHARGE' || verb === 'CAPTURE') && outcome.state === 'succeeded')
        .map(({ amount }) => amount),
    settle: () => undefined,
    webhook: (externalId) => {
      const event = {
        type: 'outcome',
        verb: 'CHARGE',
        key: 'k',
        externalId,
        outcome: { state: 'succeeded', externalId },
      } as const;
      const now = Date.now();
      const { body, headers } = writeSandboxWebhook({ id: 'evt_1', event }, { secret: SANDBOX.webhookSecret, now });
      return { body: Buffer.from(body), headers, now };
    },
  };
}

describeGateway('Stripe', async () => {
  const fake = await startFakeStripe();
  const options = { url: fake.url, secretKey: SECRET_KEY, webhookSecret: 'whsec_stripe', deadlineMs: DEADLINE_MS };
  const gateway = createStripeGateway(options);
  const customer = await customerOf(gateway);
  return {
    gateway,
    intruder: createStripeGateway({ ...options, secretKey: 'sk_test_wrong' }),
    customer,
    methods: {
      good: await method(gateway, customer, 'pm_card'),
      poor: await method(gateway, customer, 'pm_poor'),
      stolen: await method(gateway, customer, 'pm_stolen'),
      confirm: await method(gateway, customer, 'pm_confirm'),
    },
    next: fake.next,
    charged: () => fake.intents.filter(({ status }) => status === 'succeeded').map(({ amount }) => BigInt(amount)),
    settle: () => undefined,
    secrets: [SECRET_KEY, 'sk_test_wrong', 'whsec_stripe'],
    webhook: (externalId) => {
      const object = fake.intents.find(({ id }) => id === externalId);
      const body = JSON.stringify({ id: 'evt_1', type: 'payment_intent.succeeded', data: { object } });
      const now = Date.now();
      return {
        body: Buffer.from(body),
        headers: { 'stripe-signature': signTimed(body, { secret: 'whsec_stripe', now }) },
        now,
      };
    },
    close: fake.close,
  };
});

describeGateway('Authorize.Net', async () => {
  const fake = await startFakeAuthorizeNet();
  const signatureKey = 'AB'.repeat(64);
  const options = {
    ...CREDENTIALS,
    url: fake.url,
    formUrl: 'https://accept.test/addPayment',
    signatureKey,
    deadlineMs: DEADLINE_MS,
  };
  const gateway = createAuthorizeNetGateway(options);
  const customer = await customerOf(gateway);
  return {
    gateway,
    intruder: createAuthorizeNetGateway({ ...options, transactionKey: 'tk_wrong' }),
    customer,
    methods: {
      good: await method(gateway, customer, 'card'),
      poor: await method(gateway, customer, 'poor'),
      stolen: await method(gateway, customer, 'stolen'),
      confirm: null,
    },
    next: fake.next,
    charged: () =>
      fake.transactions
        .filter(({ transactionStatus }) => /^(captured|settledS)/.test(transactionStatus))
        .map(({ amount }) => BigInt(amount.replace('.', ''))),
    settle: fake.settle,
    secrets: [CREDENTIALS.transactionKey, 'tk_wrong', signatureKey],
    webhook: (externalId) => {
      const payload = { responseCode: 1, entityName: 'transaction', id: externalId };
      const body = JSON.stringify({
        notificationId: 'n-1',
        eventType: 'net.authorize.payment.authcapture.created',
        payload,
      });
      const signature = createHmac('sha512', signatureKey).update(body).digest('hex').toUpperCase();
      return { body: Buffer.from(body), headers: { 'x-anet-signature': `sha512=${signature}` }, now: Date.now() };
    },
    close: fake.close,
  };
});

import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { activeHolds } from '../../billing/dunning/dunning.ts';
import type { PaymentGateway } from '../../billing/payment/gateway.ts';
import { startInstallation, TOKEN } from '../../cmd/fixtures/running.ts';
import { type Bank, createBank } from '../../integrations/payment/sandbox/bank.ts';
import { createSandboxGateway, directLine } from '../../integrations/payment/sandbox/gateway.ts';
import { writeSandboxWebhook } from '../../integrations/payment/sandbox/webhook.ts';
import type { AnyAnswer } from '../fixtures/answer.ts';

jest.setTimeout(180_000);

const SECRET = 'whsec_of-the-story';

/** A plan of 10.00 a month, in advance; who does not pay is suspended at once. */
const SHOP = [
  { kind: 'Bundle', metadata: { name: 'plan' }, spec: { charges: [{ name: 'fee' }] } },
  {
    kind: 'RateCard',
    metadata: { name: 'prices' },
    spec: { currency: 'EUR', revisions: [{ prices: { fee: '10.00' } }] },
  },
  { kind: 'Catalog', metadata: { name: 'public' }, spec: { bundles: ['plan'], rateCards: ['prices'] } },
  { kind: 'Channel', metadata: { name: 'direct' }, spec: { catalog: 'public', seller: { name: 'Example Cloud Ltd' } } },
  {
    kind: 'BillingPolicy',
    metadata: { name: 'now' },
    spec: { billing: 'ANNIVERSARY', dueDays: 0, draftWindowHours: 0 },
  },
  {
    kind: 'DunningPolicy',
    metadata: { name: 'strict' },
    spec: { steps: [{ after: 'PT0S', actions: ['PAYMENT_FAILED'], hold: 'SUSPEND' }] },
  },
  { kind: 'AccountType', metadata: { name: 'retail' }, spec: { dunningPolicy: 'strict' } },
];

/** Until it holds, for as long as a busy machine may need. */
async function eventually<T>(read: () => Promise<T>, check: (value: T) => void): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    try {
      return check(await read());
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  check(await read());
}

function customer(name: string, token: string | null) {
  const spec = { type: 'retail', channel: 'direct', currency: 'EUR', billingPolicy: 'now', zone: 'UTC' };
  return [
    { kind: 'Account', metadata: { name }, spec },
    { kind: 'Project', metadata: { name }, spec: { account: name } },
    ...(token === null ? [] : [card(name, token)]),
    { kind: 'Subscription', metadata: { name: 'web', project: name }, spec: { bundle: 'plan' } },
  ];
}

function card(project: string, token: string) {
  const spec = { gateway: 'sandbox', customer: `cus-${project}`, token, brand: 'Visa', last4: '4242' };
  return { kind: 'PaymentMethod', metadata: { name: 'card', project }, spec };
}

describe('payments in a running server', () => {
  let server: Awaited<ReturnType<typeof startInstallation>>;
  let bank: Bank;
  const alerts: string[] = [];

  beforeAll(async () => {
    bank = createBank();
    const options = { webhookSecret: SECRET, deadlineMs: 5_000, formUrl: 'http://127.0.0.1:1/form' };
    const gateway: PaymentGateway = createSandboxGateway(directLine(bank), options);
    const gateways = new Map([[gateway.name, gateway]]);
    server = await startInstallation({ payments: { gateways, onAlert: ({ code }) => alerts.push(code) } });
    await apply(SHOP);
  });
  afterAll(() => server.close());

  async function ask(query: string, variables: Record<string, unknown> = {}) {
    const response = await fetch(`${server.server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(20_000),
    });
    const { data, errors } = (await response.json()) as { data: AnyAnswer; errors?: unknown };
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  }

  async function apply(manifests: readonly unknown[]) {
    const query = `mutation ($manifests: [JSON!]!) { apply(manifests: $manifests) {
      ... on ApplySuccess { results { change } } ... on AdmissionFailure { issues { path message } } } }`;
    const { apply: result } = await ask(query, { manifests });
    if (result.results === undefined) throw new Error(JSON.stringify(result));
  }

  const balance = async (account: string) => {
    const { balance: found } = await ask(
      `{ balance(account: "${account}") { receivable { amount } credit { amount } } }`,
    );
    const [books] = await server.storage.books.load([account]);
    const holds = activeHolds(books?.holds ?? [], Date.now()).map(({ severity }) => severity);
    return { open: found.receivable.amount, credit: found.credit.amount, holds };
  };
  const attempts = async (account: string) =>
    (await ask(`{ paymentAttempts(account: "${account}") { id verb invoice amount currency state code } }`))
      .paymentAttempts;
  const invoiceOf = async (account: string) =>
    (await ask(`{ invoices(account: "${account}") { nodes { number } } }`)).invoices.nodes[0]?.number;
  const charges = (account: string) =>
    bank.movements().filter(({ key, outcome }) => key.includes(`/${account}/`) && outcome.state === 'succeeded');

  it('charges an invoice when it is issued, and everybody can see it', async () => {
    await apply(customer('acme', 'tok_sandbox'));
    await eventually(
      () => attempts('acme'),
      (found) =>
        expect(found).toMatchObject([{ verb: 'CHARGE', amount: '10.00', currency: 'EUR', state: 'SUCCEEDED' }]),
    );
    await eventually(
      () => balance('acme'),
      (found) => expect(found).toMatchObject({ open: '0.00', holds: [] }),
    );
    expect(charges('acme')).toHaveLength(1);
  });

  it('starts dunning when it is declined, and ends it when somebody pays with another card', async () => {
    await apply(customer('poor', 'tok_declined'));
    await eventually(
      () => balance('poor'),
      (found) => expect(found).toMatchObject({ open: '10.00', holds: ['SUSPEND'] }),
    );
    await eventually(
      () => attempts('poor'),
      (found) => expect(found).toMatchObject([{ state: 'DECLINED_SOFT', code: 'insufficient_funds' }]),
    );
    const second = { ...card('poor', 'tok_sandbox'), metadata: { name: 'better', project: 'poor' } };
    await apply([{ ...second, spec: { ...second.spec, default: false } }]);
    const pay = `mutation { payInvoice(account: "poor", invoice: "${await invoiceOf('poor')}", method: "better", idempotencyKey: "pay-poor-1") {
      ok code attempt { state amount } } }`;
    const answers = [await ask(pay), await ask(pay)];
    for (const { payInvoice } of answers)
      expect(payInvoice).toEqual({ ok: true, code: null, attempt: { state: 'SUCCEEDED', amount: '10.00' } });
    await eventually(
      () => balance('poor'),
      (found) => expect(found).toMatchObject({ open: '0.00', holds: [] }),
    );
    expect(charges('poor')).toHaveLength(1);
  });

  it('refunds once for one key, refuses more than was paid, and knows a key that is used otherwise', async () => {
    const invoice = await invoiceOf('acme');
    const refund = (amount: string, key: string) =>
      ask(
        `mutation { refundPayment(account: "acme", invoice: "${invoice}", amount: "${amount}", adjust: true, idempotencyKey: "${key}") { ok code attempt { verb state amount } } }`,
      );
    const done = { ok: true, code: null, attempt: { verb: 'REFUND', state: 'SUCCEEDED', amount: '4.00' } };
    expect((await refund('4.00', 'refund-acme')).refundPayment).toEqual(done);
    expect((await refund('4.00', 'refund-acme')).refundPayment).toEqual(done);
    await expect(refund('5.00', 'refund-acme')).rejects.toThrow('was used for another request');
    expect((await refund('6.01', 'refund-more')).refundPayment).toMatchObject({ code: 'RefundExceedsPaid' });
    expect((await balance('acme')).open).toBe('0.00');
  });

  it('books what came by hand, once, and gives credit', async () => {
    await apply(customer('offline', null));
    await eventually(
      () => invoiceOf('offline'),
      (number) => expect(number).toEqual(expect.any(String)),
    );
    const record = `mutation { recordPayment(account: "offline", invoice: "${await invoiceOf('offline')}", amount: "12.00", reference: "transfer 7", idempotencyKey: "transfer-7") { ok code } }`;
    expect([await ask(record), await ask(record)]).toEqual([
      { recordPayment: { ok: true, code: null } },
      { recordPayment: { ok: true, code: null } },
    ]);
    const grant = `mutation { grantCredit(account: "offline", amount: "3.00", reason: "Sorry", idempotencyKey: "credit-offline") { ok } }`;
    expect([await ask(grant), await ask(grant)]).toEqual([
      { grantCredit: { ok: true } },
      { grantCredit: { ok: true } },
    ]);
    expect(await balance('offline')).toMatchObject({ open: '0.00', credit: '5.00' });
    const { payments } = await ask('{ payments(account: "offline") { nodes { kind reference } } }');
    expect(payments.nodes).toEqual([{ kind: 'PAYMENT', reference: 'transfer 7' }]);
  });

  it('takes webhooks that are signed, each once: a dispute opens the invoice again', async () => {
    const [{ externalId, amount } = { externalId: '', amount: 0n }] = charges('poor');
    const event = { type: 'dispute', id: 'dp_1', externalId, state: 'opened', amount } as const;
    const post = (body: string, headers: Record<string, string>) =>
      fetch(`${server.server.url}/webhooks/payments/sandbox`, { method: 'POST', headers, body });
    const { body, headers } = writeSandboxWebhook({ id: 'evt_dispute', event }, { secret: SECRET, now: Date.now() });
    const forged = createHmac('sha256', 'guess').update(body).digest('hex');
    expect((await post(body, { 'sandbox-signature': `t=1,v1=${forged}` })).status).toBe(400);
    expect((await post(body.padEnd(300_000), { ...headers })).status).toBe(413);
    expect([(await post(body, headers)).status, (await post(body, headers)).status]).toEqual([200, 200]);
    await eventually(
      () => balance('poor'),
      (found) => expect(found.open).toBe('10.00'),
    );
    expect(alerts).toContain('Dispute/opened');
    expect(charges('poor')).toHaveLength(1);
  });

  it('moves credit to an account in another currency, in two legs that the audit watches', async () => {
    const spec = { type: 'retail', channel: 'direct', currency: 'JPY', billingPolicy: 'now', zone: 'Asia/Tokyo' };
    await apply([{ kind: 'Account', metadata: { name: 'tokyo' }, spec }]);
    const move = `mutation { transferCredit(account: "offline", amount: "2.50", to: "tokyo", received: "400", idempotencyKey: "transfer-offline") { ok code } }`;
    expect([await ask(move), await ask(move)]).toEqual([
      { transferCredit: { ok: true, code: null } },
      { transferCredit: { ok: true, code: null } },
    ]);
    expect([(await balance('offline')).credit, (await balance('tokyo')).credit]).toEqual(['2.50', '400']);
    const beyond = move.replace('2.50', '2.51').replace('transfer-offline', 'transfer-more');
    expect(await ask(beyond)).toEqual({ transferCredit: { ok: false, code: 'TransferExceedsCredit' } });
    expect((await ask('{ auditBooks { check detail } }')).auditBooks).toEqual([]);
  });

  it('sets money aside before a subscription begins, and takes it with the first invoice', async () => {
    await apply([{ kind: 'AccountType', metadata: { name: 'gated' }, spec: { preAuthorisation: { EUR: '30' } } }]);
    for (const [name, token] of [
      ['careful', 'tok_sandbox'],
      ['broke', 'tok_declined'],
    ] as const) {
      const [account, ...rest] = customer(name, token);
      await apply([{ ...account, spec: { ...account?.spec, type: 'gated' } }, ...rest]);
    }
    await eventually(
      () => attempts('careful'),
      (found) =>
        expect(found).toMatchObject([
          { verb: 'CHARGE', amount: '10.00', state: 'SUCCEEDED' },
          { verb: 'AUTHORISE', amount: '30.00', state: 'SUCCEEDED' },
        ]),
    );
    await eventually(
      () => balance('careful'),
      (found) => expect(found).toMatchObject({ open: '0.00' }),
    );
    expect(charges('careful').map(({ verb, amount }) => [verb, amount])).toEqual([
      ['AUTHORISE', 3000n],
      ['CAPTURE', 1000n],
    ]);
    await eventually(
      () => attempts('broke'),
      (found) => expect(found).toMatchObject([{ verb: 'AUTHORISE', state: 'DECLINED_SOFT' }]),
    );
    expect(await invoiceOf('broke')).toBeUndefined();
    await eventually(
      async () => (await ask('{ auditBooks { check detail } }')).auditBooks,
      (found) => expect(found).toEqual([]),
    );
  });

  it('settles what a department of the own house owes by itself, and charges nobody', async () => {
    await apply([{ kind: 'AccountType', metadata: { name: 'department' }, spec: { notionalBilling: true } }]);
    const [account, ...rest] = customer('house', 'tok_sandbox');
    await apply([{ ...account, spec: { ...account?.spec, type: 'department' } }, ...rest]);
    await eventually(
      () => invoiceOf('house'),
      (number) => expect(number).toEqual(expect.any(String)),
    );
    expect(await balance('house')).toMatchObject({ open: '0.00', credit: '0.00', holds: [] });
    const { ledger } = await ask('{ ledger(account: "house") { nodes { entries { account amount { amount } } } } }');
    expect(ledger.nodes[0].entries).toMatchObject([{ account: 'internal_chargeback' }, { account: 'receivable' }]);
    expect([await attempts('house'), charges('house')]).toEqual([[], []]);
    expect((await ask('{ auditBooks { check detail } }')).auditBooks).toEqual([]);
  });

  it('pays back what is left in a refundable wallet, once for a key, and the books add up', async () => {
    const wallet = (name: string, spec: object) => ({ kind: 'Wallet', metadata: { name, project: 'acme' }, spec });
    await apply([
      wallet('prepaid', { amount: '0.00', refundable: true }),
      wallet('gift', { amount: '5.00', bucket: 'PROMOTIONAL' }),
    ]);
    const query = (key: string) =>
      `mutation { topUpWallet(account: "acme", wallet: "acme/prepaid", amount: "20.00", idempotencyKey: "${key}") { ok code } }`;
    await eventually(
      () => ask(query('top-up-acme')),
      (found) => expect(found.topUpWallet).toEqual({ ok: true, code: null }),
    );
    const back = async (wish: string, key: string) =>
      (
        await ask(`mutation { refundWallet(account: "acme", ${wish}, idempotencyKey: "${key}") {
        ok code message attempt { verb wallet state amount } } }`)
      ).refundWallet;
    const done = {
      ok: true,
      code: null,
      message: null,
      attempt: { verb: 'REFUND', wallet: 'acme/prepaid', state: 'SUCCEEDED', amount: '15.00' },
    };
    expect(await back('wallet: "acme/prepaid", amount: "15.00"', 'wallet-back-1')).toEqual(done);
    expect(await back('wallet: "acme/prepaid", amount: "15.00"', 'wallet-back-1')).toEqual(done);
    expect(await back('wallet: "acme/prepaid", amount: "5.01"', 'wallet-back-2')).toMatchObject({
      code: 'RefundExceedsWallet',
    });
    expect(await back('wallet: "acme/gift"', 'wallet-back-3')).toMatchObject({
      code: 'WalletPromotional',
      message: 'What is in this wallet was a gift: it is not paid back.',
    });
    const given = bank.movements().filter(({ verb, key }) => verb === 'REFUND' && key.includes('/wallet/'));
    expect(given.map(({ amount }) => amount)).toEqual([1500n]);
    expect((await ask('{ auditBooks { check detail } }')).auditBooks).toEqual([]);
  });

  it('stores a card that was entered on the gateway’s page, as the default', async () => {
    const { paymentForm } = await ask(
      `mutation { paymentForm(account: "offline", gateway: "sandbox", returnUrl: "https://portal.test/cards", idempotencyKey: "form-offline") { url fields { name } } }`,
    );
    const customerId = new URL(paymentForm.url).searchParams.get('customer') ?? '';
    const method = { token: 'tok_sandbox', brand: 'Visa', last4: '4242', expires: '2031-08' };
    const event = { type: 'methodStored', customer: customerId, method } as const;
    const { body, headers } = writeSandboxWebhook({ id: 'evt_card', event }, { secret: SECRET, now: Date.now() });
    await fetch(`${server.server.url}/webhooks/payments/sandbox`, { method: 'POST', headers: { ...headers }, body });
    await eventually(
      async () =>
        (await ask(`{ paymentMethods(project: "offline") { nodes { spec { gateway brand last4 default } } } }`))
          .paymentMethods.nodes,
      (items) =>
        expect(items).toMatchObject([{ spec: { gateway: 'sandbox', brand: 'Visa', last4: '4242', default: true } }]),
    );
    expect(server.errors).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { graphql } from 'graphql';
import type { Api } from '../../graphql/api.ts';
import { createContext } from '../../graphql/context.ts';
import { buildSchema } from '../../graphql/schema.ts';
import { NOTHING } from '../../reconciler/access/access.ts';
import type { Principal } from '../../reconciler/principal.ts';
import type { Registry } from '../../reconciler/registry.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { ANNA, booksOnPostgres, SHOP } from './books.fixture.ts';

jest.setTimeout(120_000);

describe('the books in the API', () => {
  const schema = buildSchema(REGISTRY as Registry);
  let cloud: Awaited<ReturnType<typeof booksOnPostgres>>;
  beforeAll(async () => {
    cloud = await booksOnPostgres();
    await cloud.apply(SHOP);
    await cloud.settle();
    await cloud.advance(32 * 86_400_000);
    await cloud.settle();
  });
  afterAll(async () => {
    await cloud.close();
  });

  async function ask(source: string, principal: Principal = ANNA) {
    const api = {
      registry: REGISTRY,
      store: cloud.store,
      admission: cloud.admission,
      books: cloud.open.api,
    } as unknown as Api;
    const answer = await graphql({ schema, source, contextValue: createContext(api, principal) });
    return JSON.parse(JSON.stringify(answer));
  }

  it('show invoices newest first, page by page, with their lines, taxes and what is owed', async () => {
    const fields =
      'nodes { number total { amount currency } balance { amount } lines { product quantity amount { amount } } }';
    const first = await ask(`{ invoices(account: "acme", first: 1) { ${fields} pageInfo { hasNextPage endCursor } } }`);
    expect(first.errors).toBeUndefined();
    const [invoice] = first.data.invoices.nodes;
    expect(invoice).toMatchObject({
      number: expect.stringMatching(/00002$/),
      total: { amount: '30.00', currency: 'EUR' },
      balance: { amount: '30.00' },
      lines: [{ product: 'fee', quantity: '1', amount: { amount: '30.00' } }],
    });
    const { hasNextPage, endCursor } = first.data.invoices.pageInfo;
    expect(hasNextPage).toBe(true);
    const next = await ask(`{ invoices(account: "acme", after: "${endCursor}") { nodes { number } } }`);
    expect(next.data.invoices.nodes).toEqual([{ number: expect.stringMatching(/00001$/) }]);
    const one = await ask(`{ invoice(account: "acme", number: "${invoice.number}") { number } }`);
    expect(one.data.invoice).toEqual({ number: invoice.number });
  });

  it('explain a line by the same sum computed once more', async () => {
    const { data } = await ask('{ invoices(account: "acme") { nodes { lines { id } } } }');
    const line = data.invoices.nodes[0].lines[0].id;
    const { data: told, errors } = await ask(`{ explainLine(account: "acme", line: "${line}") }`);
    expect(errors).toBeUndefined();
    expect(told.explainLine).toMatchObject({ line, charge: 'fee', charged: '30.00', booked: '30.00' });
  });

  it('show ledger, statement, balance, and what comes next', async () => {
    const { data, errors } = await ask(`{
      ledger(account: "acme", first: 1) { nodes { id entries { account side amount { amount } } } }
      statement(account: "acme") { opening { amount } charges { amount } net { amount } }
      balance(account: "acme") { spend { amount } receivable { amount } credit { amount } }
      upcomingLines(account: "acme", until: "2100-01-01T00:00:00Z") { product amount { amount } }
      billingEvents(account: "acme") { nodes { code } }
      payments(account: "acme") { nodes { id } }
      creditNotes(account: "acme") { nodes { number } }
      auditBooks { check account detail }
    }`);
    expect(errors).toBeUndefined();
    expect(data.ledger.nodes[0].entries).toEqual([
      { account: 'receivable', side: 'DEBIT', amount: { amount: '30.00' } },
      { account: 'revenue:recurring', side: 'CREDIT', amount: { amount: '30.00' } },
    ]);
    expect(data.statement).toEqual({
      opening: { amount: '0.00' },
      charges: { amount: '60.00' },
      net: { amount: '60.00' },
    });
    expect(data.balance).toEqual({
      spend: { amount: '30.00' },
      receivable: { amount: '60.00' },
      credit: { amount: '0.00' },
    });
    expect(data.upcomingLines).toContainEqual({ product: 'fee', amount: { amount: '30.00' } });
    expect(data.billingEvents.nodes).toContainEqual({ code: 'InvoiceIssued' });
    expect([data.payments.nodes, data.creditNotes.nodes, data.auditBooks]).toEqual([[], [], []]);
  });

  it('take usage from outside, each event once, and tell what they refuse', async () => {
    const at = new Date((await cloud.books.now()) - 3_600_000).toISOString();
    const event = (id: string, quantity: string) =>
      `{ id: "${id}", meter: "vm.running", resource: "vm-9", from: "${at}", to: "${at}", quantity: "${quantity}" }`;
    const send = (...events: string[]) =>
      ask(`mutation { reportUsage(account: "acme", events: [${events.join(', ')}]) { outcome code } }`);
    const { data, errors } = await send(event('a', '1.5'), event('a', '1.5'), event('a', '2'));
    expect(errors).toBeUndefined();
    expect(data.reportUsage).toEqual([
      { outcome: 'accepted', code: null },
      { outcome: 'deduplicated', code: null },
      { outcome: 'rejected', code: 'ConflictingDuplicate' },
    ]);
    expect((await send(event('b', 'much'))).errors[0].message).toBe(
      'events[0].quantity: "much" is no decimal such as 12.5.',
    );
    const day = (ms: number) => new Date(Date.parse(at) + ms).toISOString();
    const used = await ask(
      `{ usage(account: "acme", from: "${day(-1000)}", to: "${day(1000)}") { meter resource quantity } }`,
    );
    expect(used.data.usage).toEqual([{ meter: 'vm.running', resource: 'vm-9', quantity: '1.5' }]);
  });

  it('are not there for those who may not read them, and the audit is the administrator’s alone', async () => {
    const stranger: Principal = { ...ANNA, actor: 'user:mallory', access: NOTHING };
    const { data, errors } = await ask('{ invoices(account: "acme") { nodes { number } } }', stranger);
    expect(data).toBeNull();
    expect(errors[0].message).toBe('There is no account "acme".');
    const none = await ask('{ invoices(account: "nobody") { nodes { number } } }');
    expect(none.errors[0].message).toBe('There is no account "nobody".');
    const audit = await ask('{ auditBooks { check } }', stranger);
    expect(audit.errors[0].message).toMatch(/may not/);
  });
});

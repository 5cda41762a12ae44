import { describe, expect, it } from '@jest/globals';
import { billed, CATALOG, DAY, loaded, SUBSCRIPTION } from '../../test/contracts/books-fixture.ts';
import { taxGroups } from '../document/tax.ts';
import type { TaxAnswer, TaxProvider, TaxRequest } from '../document/tax-port.ts';
import { rational } from '../money/rational.ts';
import { settleAccount } from './account-loop.ts';
import { createMemoryBooks } from './memory-books.ts';

const START = Date.UTC(2026, 2, 1);
const RULE = {
  name: 'far-away',
  jurisdiction: '',
  taxCode: '*',
  rate: rational(20n),
  from: 0,
  to: null,
  inclusive: false,
};

/** A provider that takes a fifth, when it answers at all. */
function provider() {
  const asked: TaxRequest[] = [];
  const script: TaxAnswer[] = [];
  const taxes: TaxProvider = {
    name: 'far-away',
    quote: async (request) => {
      asked.push(request);
      const { lines, ...context } = request;
      return script.shift() ?? { state: 'quoted', groups: taxGroups(lines, { ...context, rules: [RULE] }) };
    },
  };
  return { taxes, asked, script };
}

function books() {
  const clock = { now: START };
  const store = createMemoryBooks({ now: () => clock.now });
  const wishes = { of: async () => ({ account: billed('acme'), catalog: CATALOG, own: SUBSCRIPTION, recipients: [] }) };
  const settle = (taxes?: TaxProvider) =>
    settleAccount(
      {
        store,
        wishes,
        holds: { obey: async () => undefined },
        passed: async () => undefined,
        ...(taxes === undefined ? {} : { taxes }),
      },
      'acme',
    );
  const invoices = async () => (await loaded(store, 'acme')).invoices;
  return { store, clock, settle, invoices };
}

describe('a provider of taxes', () => {
  it('is asked about each draft once, and what it said stands on the invoice', async () => {
    const { settle, invoices } = books();
    const { taxes, asked } = provider();
    await settle(taxes);
    await settle(taxes);
    expect(asked.map(({ account, lines }) => [account, lines.map(({ amount }) => amount)])).toEqual([
      ['acme', [3000n]],
    ]);
    const [invoice, ...more] = await invoices();
    expect(more).toEqual([]);
    expect(invoice).toMatchObject({ taxedBy: 'far-away', tax: 600n, total: 3600n });
    expect(invoice?.taxes).toMatchObject([{ rule: 'far-away', rate: { num: 20n, den: 1n }, net: 3000n }]);
    // Its shares are those of the line under its real number.
    expect([...(invoice?.taxes[0]?.shares.keys() ?? [])]).toEqual([invoice?.lines[0]?.id]);
  });

  it('that does not answer keeps the invoice a draft: nothing is numbered, and it is asked again in a minute', async () => {
    const { settle, invoices, clock, store } = books();
    const { taxes, script, asked } = provider();
    script.push({ state: 'unknown', code: 'deadline' });
    await settle(taxes);
    expect(await invoices()).toEqual([]);
    expect(store.records.events.map(({ code }) => code)).toEqual(['TaxUnknown']);
    expect(await store.nextDueAt()).toBe(START + 60_000);
    clock.now += 60_000;
    script.push({ state: 'unknown', code: 'deadline' });
    await settle(taxes);
    clock.now += 60_000;
    await settle(taxes);
    expect(asked).toHaveLength(3);
    expect(await invoices()).toMatchObject([{ number: 'INV-2026-00001', total: 3600n }]);
    expect(store.records.events.map(({ code }) => code)).toEqual(['TaxUnknown', 'InvoiceIssued']);
  });

  it('is not believed when its parts do not add up, or it taxes what nobody asked about', async () => {
    const { settle, invoices } = books();
    const { taxes, script } = provider();
    const group = {
      ...taxGroups([{ id: 'x', taxCode: 'standard', amount: 100n }], {
        rules: [RULE],
        jurisdiction: '',
        at: START,
        mode: 'HALF_UP',
        rounding: 'GROUP',
      }),
    }[0];
    if (group === undefined) throw new Error('no group');
    script.push({ state: 'quoted', groups: [group] });
    await settle(taxes);
    script.push({ state: 'quoted', groups: [{ ...group, tax: 1n, shares: new Map() }] });
    await settle(taxes);
    expect(await invoices()).toEqual([]);
  });

  it('loses no month while it was away: all of them are billed when it is back, and settled anew there is nothing more', async () => {
    const { settle, invoices, clock, store } = books();
    const { taxes } = provider();
    const silent: TaxProvider = { name: 'far-away', quote: async () => ({ state: 'unknown', code: 'deadline' }) };
    for (let days = 0; days < 70; days += 7) {
      clock.now = START + days * DAY;
      await settle(silent);
    }
    expect(await invoices()).toEqual([]);
    clock.now = START + 75 * DAY;
    await settle(taxes);
    const lines = (await invoices()).flatMap((invoice) => invoice.lines);
    expect(lines.map(({ amount, from }) => [amount, new Date(from).toISOString().slice(0, 10)])).toEqual([
      [3000n, '2026-03-01'],
      [3000n, '2026-04-01'],
      [3000n, '2026-05-01'],
    ]);
    const kept = await loaded(store, 'acme');
    expect(kept.invoices.every(({ taxedBy }) => taxedBy === 'far-away')).toBe(true);
    clock.now += 60_000;
    expect(await settle(taxes)).toEqual({ outcome: 'settled', added: 0 });
  });
});

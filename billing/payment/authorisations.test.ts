import { describe, expect, it } from '@jest/globals';
import { audit } from '../scenario/check.ts';
import { type Books, balanceOf } from '../settle/books.ts';
import { settle } from '../settle/settle.ts';
import type { SubscriptionEvent } from '../settle/subscription.ts';
import { PAYER, type World, world } from './collector.fixture.ts';
import { collect, pursue } from './collector.ts';
import { isAuthorised, preAuthorisationOf, setAside } from './pre-authorisation.ts';

const DAY = 86_400_000;
const ACCOUNT = 'acme';

/** An account that owes nothing yet, with a subscription that waits for 30.00 to be set aside. */
function waiting(payer: typeof PAYER | null = PAYER): World {
  const w = world(payer);
  const at = w.clock.now;
  const created: SubscriptionEvent = {
    at,
    recordedAt: at,
    type: 'CREATE',
    bundle: 'plan',
    quantity: 1n,
    awaits: ['PAYMENT'],
  };
  const { account, catalog } = w.books();
  const dunning = null;
  const empty = { invoices: [], settlements: [], credits: [], payments: [], ledger: [], counters: [], events: [] };
  w.set({
    ...w.books(),
    ...empty,
    catalog,
    account: { ...account, dunning, preAuthorisation: 3000n },
    subscriptions: [{ id: 's2', user: null, resources: [], campaigns: [], events: [created] }],
  });
  return w;
}

/** What the loop does once the card was good, and what is due then. */
function begin(w: World): void {
  const at = w.clock.now;
  const begun = (books: Books): Books => ({
    ...books,
    subscriptions: books.subscriptions.map((each) => ({
      ...each,
      events: [...each.events, { at, recordedAt: at, type: 'BEGIN' }],
    })),
  });
  w.set(settle(begun(w.books()), at).books);
}

const moved = (w: World) =>
  w.bank
    .movements()
    .filter(({ outcome }) => outcome.state === 'succeeded')
    .map(({ verb, amount }) => [verb, amount]);
const states = (w: World) => w.books().authorisations.map(({ state }) => state);
const due = (w: World) => w.books().invoices.map((invoice) => balanceOf(invoice, w.books()));
const pending = (w: World) => setAside(w.books());

describe('money that is set aside before a subscription begins', () => {
  it('is asked for once, is pending in the ledger, and is taken by the first invoice', async () => {
    const w = waiting();
    await Promise.all([collect(w.ports, ACCOUNT), collect(w.ports, ACCOUNT)]);
    await collect(w.ports, ACCOUNT);
    expect([moved(w), states(w), pending(w)]).toEqual([[['AUTHORISE', 3000n]], ['AUTHORISED'], 3000n]);
    expect([isAuthorised(w.books(), 's2'), isAuthorised(w.books(), 's1'), audit(w.books())]).toEqual([true, false, []]);
    begin(w);
    expect(due(w)).toEqual([968n]);
    await Promise.all([collect(w.ports, ACCOUNT), collect(w.ports, ACCOUNT)]);
    await collect(w.ports, ACCOUNT);
    expect(moved(w)).toEqual([
      ['AUTHORISE', 3000n],
      ['CAPTURE', 968n],
    ]);
    expect([states(w), pending(w), due(w)]).toEqual([['AUTHORISED', 'CAPTURED'], 0n, [0n]]);
    expect(audit(w.books())).toEqual([]);
  });

  it('is taken whole where the invoice is more, and the rest is charged', async () => {
    const w = waiting();
    w.set({ ...w.books(), account: { ...w.books().account, preAuthorisation: 500n } });
    await collect(w.ports, ACCOUNT);
    begin(w);
    await collect(w.ports, ACCOUNT);
    await collect(w.ports, ACCOUNT);
    expect(moved(w)).toEqual([
      ['AUTHORISE', 500n],
      ['CAPTURE', 500n],
      ['CHARGE', 468n],
    ]);
    expect([due(w), audit(w.books())]).toEqual([[0n], []]);
  });

  it('that a bank declines is told, and asked for again with another card only', async () => {
    const w = waiting({ ...PAYER, method: 'tok_stolen' });
    await collect(w.ports, ACCOUNT);
    await collect(w.ports, ACCOUNT);
    expect([states(w), pending(w), preAuthorisationOf(w.books(), 's2')?.state]).toEqual([['DECLINED'], 0n, 'DECLINED']);
    expect(isAuthorised(w.books(), 's2')).toBe(false);
    const ports = { ...w.ports, payerOf: async () => PAYER, methodOf: async () => PAYER };
    await collect(ports, ACCOUNT);
    expect([states(w), moved(w)]).toEqual([['DECLINED', 'AUTHORISED'], [['AUTHORISE', 3000n]]]);
  });

  it('whose answer was lost is looked for, and never asked for twice', async () => {
    const w = waiting();
    w.bank.script(['doneLost']);
    await collect(w.ports, ACCOUNT);
    expect([states(w), moved(w)]).toEqual([[], [['AUTHORISE', 3000n]]]);
    await collect(w.ports, ACCOUNT);
    w.clock.now += 300_000;
    await pursue(w.ports, 10);
    expect([states(w), moved(w)]).toEqual([['AUTHORISED'], [['AUTHORISE', 3000n]]]);
    begin(w);
    w.bank.script(['doneLost']);
    await collect(w.ports, ACCOUNT);
    await collect(w.ports, ACCOUNT);
    expect(due(w)).toEqual([968n]);
    w.clock.now += 300_000;
    await pursue(w.ports, 10);
    expect([states(w), due(w), moved(w).length]).toEqual([['AUTHORISED', 'CAPTURED'], [0n], 2]);
  });

  it('that is gone when the invoice wants it is charged like any other', async () => {
    const w = waiting();
    await collect(w.ports, ACCOUNT);
    begin(w);
    w.bank.script(['declineHard']);
    await collect(w.ports, ACCOUNT);
    await collect(w.ports, ACCOUNT);
    expect([states(w), due(w), moved(w)]).toEqual([
      ['AUTHORISED', 'VOIDED'],
      [0n],
      [
        ['AUTHORISE', 3000n],
        ['CHARGE', 968n],
      ],
    ]);
    expect(audit(w.books())).toEqual([]);
  });

  it('is let go when nothing was taken for six days, or when the subscription is over', async () => {
    const w = waiting();
    await collect(w.ports, ACCOUNT);
    w.clock.now += 6 * DAY - 1;
    await collect(w.ports, ACCOUNT);
    expect(states(w)).toEqual(['AUTHORISED']);
    w.clock.now += 1;
    await Promise.all([collect(w.ports, ACCOUNT), collect(w.ports, ACCOUNT)]);
    expect([states(w), moved(w).at(-1), pending(w)]).toEqual([['AUTHORISED', 'VOIDED'], ['VOID', 0n], 0n]);
    const other = waiting();
    await collect(other.ports, ACCOUNT);
    other.set({ ...other.books(), subscriptions: [] });
    await collect(other.ports, ACCOUNT);
    expect([states(other), audit(other.books())]).toEqual([['AUTHORISED', 'VOIDED'], []]);
  });

  it('is set aside by whoever pays nothing else by themselves, and by nobody without a card', async () => {
    const w = waiting(null);
    await collect(w.ports, ACCOUNT);
    expect(moved(w)).toEqual([]);
    await collect({ ...w.ports, methodOf: async () => PAYER }, ACCOUNT);
    expect(states(w)).toEqual(['AUTHORISED']);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BEHAVIOURS, type Behaviour } from '../../integrations/payment/sandbox/bank.ts';
import { balanceOf, creditOf } from '../settle/books.ts';
import { settle } from '../settle/settle.ts';
import { ACCOUNT, PAYER, type World, world } from './collector.fixture.ts';
import { collect, pursue } from './collector.ts';
import { readMail } from './mail.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

async function later(w: World, ms: number): Promise<void> {
  w.clock.now += ms;
  await readMail(w.ports, 100);
  await pursue(w.ports, 100);
  await collect(w.ports, ACCOUNT);
}

const balance = (w: World) => balanceOf(w.books().invoices[0] as never, w.books());
const charges = (w: World) =>
  w.bank.movements().filter(({ verb, outcome }) => verb === 'CHARGE' && outcome.state === 'succeeded');
const attempts = async (w: World) => (await w.ports.attempts.ofAccount(ACCOUNT)).map(({ attempt }) => attempt);

describe('an invoice that pays itself', () => {
  it('is charged once, and looking again charges nothing', async () => {
    const w = world();
    await collect(w.ports, ACCOUNT);
    await later(w, 0);
    await later(w, DAY);
    expect(balance(w)).toBe(0n);
    expect(charges(w)).toHaveLength(1);
    expect(w.books().payments).toMatchObject([
      { kind: 'PAYMENT', amount: 1000n, key: 'here/acme/INV-2026-00001/1/charge' },
    ]);
  });

  it('T-39: is charged once when the gateway charges and its answer is lost', async () => {
    const w = world();
    w.bank.script(['doneLost']);
    await collect(w.ports, ACCOUNT);
    expect(await attempts(w)).toMatchObject([{ state: 'UNKNOWN' }]);
    await later(w, MINUTE);
    expect([balance(w), charges(w).length]).toEqual([1000n, 1]);
    await later(w, 5 * MINUTE);
    expect([balance(w), charges(w).length]).toEqual([0n, 1]);
    expect(
      w.books().ledger.filter(({ entries }) => entries.some((each) => each.account === 'gateway_clearing')),
    ).toHaveLength(1);
  });

  it('is sent again with its old key once the gateway surely never had it', async () => {
    const w = world();
    w.bank.script(['undoneLost']);
    await collect(w.ports, ACCOUNT);
    await later(w, 5 * MINUTE);
    expect(await attempts(w)).toMatchObject([{ state: 'SUCCEEDED', calls: 2, booked: true }]);
    expect(charges(w)).toHaveLength(1);
  });

  it('waits for dunning after a soft decline, and then tries again', async () => {
    const w = world();
    w.bank.script(['declineSoft']);
    await collect(w.ports, ACCOUNT);
    await later(w, DAY);
    expect(await attempts(w)).toMatchObject([{ state: 'DECLINED_SOFT', code: 'insufficient_funds' }]);
    w.clock.now += 2 * DAY;
    await w.ports.books.change(ACCOUNT, (books, now) => settle(books, now).books);
    await later(w, 0);
    expect([balance(w), (await attempts(w)).length]).toEqual([0n, 2]);
  });

  it('waits for another method after a hard decline, whatever dunning says', async () => {
    const w = world();
    w.bank.script(['declineHard']);
    await collect(w.ports, ACCOUNT);
    w.clock.now += 3 * DAY;
    await w.ports.books.change(ACCOUNT, (books, now) => settle(books, now).books);
    await later(w, 0);
    expect(await attempts(w)).toHaveLength(1);
    w.ports.payerOf = async () => ({ ...PAYER, method: 'tok_new' });
    await later(w, 0);
    expect([balance(w), (await attempts(w)).length]).toEqual([0n, 2]);
  });

  it('is withdrawn when the payer does not confirm it within a day', async () => {
    const w = world();
    w.bank.script(['requireAction']);
    await collect(w.ports, ACCOUNT);
    for (let hours = 0; hours < 25; hours += 1) await later(w, 60 * MINUTE);
    expect(await attempts(w)).toMatchObject([{ state: 'DECLINED_SOFT', code: 'not_confirmed' }]);
    expect(w.bank.confirm('charge_1', true)).toBeNull();
  });

  it('asks for a person when nobody can say for days, and charges nothing meanwhile', async () => {
    const w = world();
    const gateway = w.ports.gateways.get('sandbox');
    if (gateway) gateway.lookup = async () => ({ state: 'unknown', code: 'unreachable', externalId: null });
    w.bank.script(['doneLost']);
    await collect(w.ports, ACCOUNT);
    for (let days = 0; days < 10; days += 1) await later(w, DAY);
    expect(await attempts(w)).toMatchObject([{ state: 'UNRESOLVED', polls: 7 }]);
    expect([w.alerts, charges(w).length]).toEqual([['Unresolved'], 1]);
  });

  it('is not charged again by itself once it was given back or disputed', async () => {
    const w = world();
    await collect(w.ports, ACCOUNT);
    const dispute = { type: 'dispute', id: 'dp_1', externalId: 'charge_1', amount: 1000n } as const;
    const letter = { gateway: 'sandbox', receivedAt: w.clock.now, tries: 0 };
    await w.ports.attempts.inbox.take({ ...letter, id: 'e2', event: { ...dispute, state: 'opened' } });
    await later(w, 0);
    expect(balance(w)).toBe(1000n);
    await later(w, DAY);
    expect(charges(w)).toHaveLength(1);
    await w.ports.attempts.inbox.take({ ...letter, id: 'e3', event: { ...dispute, state: 'won' } });
    await later(w, 0);
    expect(balance(w)).toBe(0n);
  });

  it('is owed no more than it brought, whatever its gateway says of a dispute: a person is told', async () => {
    const w = world();
    await collect(w.ports, ACCOUNT);
    const event = { type: 'dispute', id: 'dp_1', externalId: 'charge_1', amount: 1001n, state: 'opened' } as const;
    await w.ports.attempts.inbox.take({ gateway: 'sandbox', receivedAt: w.clock.now, tries: 0, id: 'e2', event });
    await later(w, 0);
    expect([balance(w), w.alerts]).toEqual([0n, ['Dispute/opened']]);
  });
});

describe('a credit note that the books pay back', () => {
  it('sends the money back to the card that paid, once', async () => {
    const w = world();
    await collect(w.ports, ACCOUNT);
    const before = w.books();
    const note = { number: 'CN-1', invoice: before.invoices[0]?.number ?? '', amount: 400n };
    w.set({
      ...before,
      creditNotes: [
        { ...note, issuedAt: w.clock.now, lines: [], taxes: [], subtotal: 400n, tax: 0n, total: 400n, reason: '' },
      ],
      payments: [...before.payments, { ...note, id: 'CN-1/refund', key: null, at: w.clock.now, kind: 'REFUND' }],
    });
    await later(w, 0);
    await later(w, DAY);
    expect((await attempts(w))[1]).toMatchObject({
      verb: 'REFUND',
      state: 'SUCCEEDED',
      amount: 400n,
      method: 'charge_1',
    });
    expect(w.bank.movements().filter(({ verb }) => verb === 'REFUND')).toMatchObject([
      { of: 'charge_1', amount: 400n },
    ]);
    expect(w.books().payments.filter(({ kind }) => kind === 'REFUND')).toHaveLength(1);
  });
});

describe('a wallet that tops itself up', () => {
  it('buys once when little is left, and not while that is under way', async () => {
    const w = world({ ...PAYER, topUps: [{ wallet: 'w', below: 500n, amount: 2000n }] });
    await w.ports.books.change(ACCOUNT, (books) => ({
      ...books,
      wallets: [{ name: 'w', bucket: 'PAID', priority: 1, expiresAt: null }],
    }));
    await collect(w.ports, ACCOUNT);
    await later(w, DAY);
    expect(w.books().walletMoves).toMatchObject([{ wallet: 'w', amount: 2000n, kind: 'TOP_UP' }]);
    expect(charges(w).map(({ amount }) => amount)).toEqual([1000n, 2000n]);
  });

  it('does not empty the card where a top-up is smaller than what is lacking, and never fills what is not there', async () => {
    const topUps = [{ wallet: 'w', below: 5_000n, amount: 1n }];
    const w = world({ ...PAYER, topUps: [...topUps, { wallet: 'none', below: 500n, amount: 2000n }] });
    w.set({ ...w.books(), wallets: [{ name: 'w', bucket: 'PAID', priority: 1, expiresAt: null }] });
    for (let minutes = 0; minutes < 60; minutes += 1) await later(w, MINUTE);
    expect(w.books().walletMoves).toHaveLength(10);
    await later(w, DAY);
    expect(w.books().walletMoves).toHaveLength(11);
  });
});

describe('whatever goes wrong', () => {
  const behaviours = fc.array(fc.constantFrom(...BEHAVIOURS.filter((each) => !/^(decline|require)/.test(each))), {
    maxLength: 8,
  });
  const crashes = fc.array(fc.record({ at: fc.nat(60), after: fc.boolean() }), { maxLength: 6 });
  const steps = fc.array(fc.constantFrom('collect', 'pursue', 'mail', 'webhook', 'wait'), { maxLength: 14 });

  it('every invoice is charged exactly once and booked exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), behaviours, crashes, steps, async (scheduler, script, faults, actions) => {
        const w = world();
        w.bank.script(script as Behaviour[]);
        const chaos = troubled(w, scheduler, faults);
        const running = actions.map((action) => act({ ...w, ports: chaos }, action).catch(ignoreCrash));
        await scheduler.waitFor(Promise.all(running));
        // A new process comes up, and nothing fails any more.
        for (let rounds = 0; rounds < 60 && balance(w) > 0n; rounds += 1) {
          await later(w, 6 * 3_600_000);
        }
        for (const action of ['webhook', 'webhook', 'mail', 'pursue', 'collect']) await act(w, action);
        expect(charges(w).map(({ amount }) => amount)).toEqual([1000n]);
        expect(w.books().payments.map(({ kind, amount }) => [kind, amount])).toEqual([['PAYMENT', 1000n]]);
        expect([balance(w), creditOf(w.books())]).toEqual([0n, 0n]);
        expect(w.alerts.filter((code) => code !== 'Unresolved')).toEqual([]);
      }),
      { seed: 20260301, numRuns: 400 },
    );
  }, 120_000);
});

async function act(w: World, action: string): Promise<void> {
  if (action === 'collect') await collect(w.ports, ACCOUNT);
  if (action === 'pursue') await pursue(w.ports, 10);
  if (action === 'mail') await readMail(w.ports, 10);
  if (action === 'wait') w.clock.now += 7 * MINUTE;
  if (action === 'webhook') {
    for (const [index, event] of w.events.entries())
      await w.ports.attempts.inbox.take({
        gateway: 'sandbox',
        id: `e${index}`,
        event,
        receivedAt: w.clock.now,
        tries: 0,
      });
  }
}

class Crash extends Error {}

function ignoreCrash(error: unknown): void {
  if (!(error instanceof Crash)) throw error;
}

/** Every call of a port waits for its turn, and some end the process that made them, before or after they are done. */
function troubled(
  w: World,
  scheduler: fc.Scheduler,
  faults: readonly { at: number; after: boolean }[],
): World['ports'] {
  let calls = 0;
  const wrap = <Part extends object>(part: Part): Part =>
    Object.fromEntries(
      Object.entries(part).map(([name, value]) => [
        name,
        typeof value !== 'function' || name === 'webhook'
          ? value
          : async (...args: unknown[]) => {
              const number = calls++;
              const fault = faults.find(({ at }) => at === number);
              await scheduler.schedule(Promise.resolve(), name);
              if (fault?.after === false) throw new Crash(name);
              const result: unknown = await value.apply(part, args);
              if (fault?.after === true) throw new Crash(name);
              await scheduler.schedule(Promise.resolve(), `${name} ends`);
              return result;
            },
      ]),
    ) as Part;
  const { attempts: kept, books, gateways } = w.ports;
  return {
    ...w.ports,
    attempts: { ...wrap(kept), inbox: wrap(kept.inbox) },
    books: wrap(books),
    gateways: new Map([...gateways].map(([name, gateway]) => [name, wrap(gateway)])),
  };
}

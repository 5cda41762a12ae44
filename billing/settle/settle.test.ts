import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dayFrom, dayNumber } from '../calendar/civil.ts';
import { discountOf } from '../document/document.ts';
import { explainLine } from '../document/explain.ts';
import { total } from '../group.ts';
import { imbalanceOf } from '../ledger/posting.ts';
import { multiply, rational, roundRational } from '../money/rational.ts';
import { audit, checkScenario } from '../scenario/check.ts';
import { parseScenario, type Scenario } from '../scenario/parse.ts';
import { run } from '../scenario/run.ts';
import type { Books } from './books.ts';
import { amountOf } from './line.ts';
import { draftOf, nextDue, settle, settleUntil } from './settle.ts';

const PRICES = { a: 24995, b: 995, c: 10000 };
type Plan = keyof typeof PRICES;
const MARCH = dayNumber('2026-03-01');

/** What happens on a day of March, at an hour. Hours are even, so that no two changes are at one instant. */
interface Change {
  day: number;
  hour: number;
  what: Plan | 'pause' | 'resume' | 'cancel';
}

const changes = fc
  .uniqueArray(
    fc.record<Change>({
      day: fc.integer({ min: 0, max: 30 }),
      hour: fc.integer({ min: 0, max: 23 }),
      what: fc.constantFrom('a', 'b', 'c', 'pause', 'resume', 'cancel'),
    }),
    { minLength: 1, maxLength: 6, selector: ({ day, hour }) => day * 24 + hour },
  )
  .map((list) => list.toSorted((a, b) => a.day - b.day || a.hour - b.hour))
  .map((list) => list.slice(0, list.findIndex(({ what }) => what === 'cancel') + 1 || list.length));

describe('desired − booked (BR-20, BR-21, T-27)', () => {
  it('any changes in a period end at the price times the days of each plan, rounded once', () => {
    fc.assert(
      fc.property(changes, (list) => {
        expect(netOf(run(scenarioOf(list)))).toEqual(expectedNet(list));
      }),
      { numRuns: 80 },
    );
  });

  it('is the same where all changes were known from the start', () => {
    fc.assert(
      fc.property(changes, (list) => {
        const walked = run(scenarioOf(list));
        const known = walked.subscriptions.map((each) => ({
          ...each,
          events: each.events.map((event) => ({ ...event, recordedAt: 0 })),
        }));
        const start = {
          ...run(scenarioOf([])),
          subscriptions: known,
          invoices: [],
          creditNotes: [],
          settlements: [],
          credits: [],
          ledger: [],
          counters: [],
          events: [],
        };
        const jumped = settleUntil(settle(start, MARCH * DAY_MS).books, {
          from: MARCH * DAY_MS,
          to: (MARCH + 31) * DAY_MS - 1,
        });
        expect(netOf(jumped.books)).toEqual(expectedNet(list));
        expect(jumped.books.creditNotes).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('never credits more than was charged, whatever was given away on the way', () => {
    const gifts = fc.array(
      fc.record({ day: fc.integer({ min: 0, max: 30 }), amount: fc.integer({ min: 1, max: 30_000 }) }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(changes, gifts, fc.constantFrom('CREDIT', 'REFUND'), (list, given, onCancel) => {
        const books = run(scenarioOf(list, { given, onCancel, tax: true }));
        for (const line of books.invoices.flatMap(({ lines }) => lines)) {
          const own = books.creditNotes.flatMap((note) => note.lines.filter(({ corrects }) => corrects === line.id));
          expect(total(own, ({ gross }) => gross) <= line.amount).toBe(true);
          expect(total(own, ({ net }) => net) <= line.amount - discountOf(line)).toBe(true);
        }
        for (const invoice of books.invoices) {
          const notes = books.creditNotes.filter((note) => note.invoice === invoice.number);
          expect(total(notes, (note) => note.total) <= invoice.total).toBe(true);
          expect(total(notes, (note) => note.tax) <= invoice.tax).toBe(true);
        }
        expect(audit(books)).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });

  it('a second run adds nothing, walking is jumping, and the ledger balances at every step', () => {
    fc.assert(
      fc.property(changes, fc.constantFrom('CREDIT', 'REFUND', 'NONE'), (list, onCancel) => {
        const scenario = scenarioOf(list, { onCancel, tax: true, given: [{ day: 15, amount: 500 }] });
        expect(checkScenario(scenario)).toEqual([]);
        run(scenario, {
          after: (books) => expect(books.ledger.filter((each) => imbalanceOf(each) !== 0n)).toEqual([]),
        });
      }),
      { numRuns: 12 },
    );
  });

  it('comes due by the account as it is, whatever was asked about the same subscriptions before', () => {
    const books = run(scenarioOf([]));
    const asked = { after: (MARCH + 31) * DAY_MS, until: (MARCH + 70) * DAY_MS };
    const due = nextDue(books, asked);
    const { account } = books;
    for (const other of [
      { zone: 'Asia/Karachi' },
      { policy: { ...account.policy, billing: 'ANNIVERSARY' as const, billingDay: 7 } },
    ]) {
      const moved = { ...books, account: { ...account, ...other } };
      expect(nextDue(moved, asked)).not.toBe(due);
      expect(nextDue(books, asked)).toBe(due);
    }
  });

  it('cancelled whole, an invoice and its notes are nothing, tax and discounts included', () => {
    const discount = fc.integer({ min: 1, max: 99 });
    fc.assert(
      fc.property(discount, fc.array(fc.integer({ min: 1, max: 9_000 }), { maxLength: 5 }), (percent, gifts) => {
        const given = gifts.map((amount) => ({ day: 0, amount }));
        const books = run(scenarioOf([{ day: 0, hour: 23, what: 'cancel' }], { given, tax: true, percent }));
        expect(total(books.invoices, (invoice) => invoice.total)).toBe(total(books.creditNotes, (note) => note.total));
      }),
      { numRuns: 60 },
    );
  });

  it('every line can be computed again from what it says about itself (BR-35)', () => {
    fc.assert(
      fc.property(changes, (list) => {
        const books = run(scenarioOf(list));
        for (const { key, explanation } of books.invoices
          .flatMap(({ lines }) => lines)
          .filter(({ corrects }) => corrects === null))
          expect(amountOf(explanation)).toBe(
            books.invoices.flatMap(({ lines }) => lines).find((line) => line.key === key)?.amount,
          );
      }),
      { numRuns: 30 },
    );
  });

  it('a line says how it came about', () => {
    const books = run(scenarioOf([{ day: 10, hour: 0, what: 'b' }], { percent: 10 }));
    expect(explainLine(books, 'INV-2026-00002/1')).toMatchObject({
      charge: 'b',
      service: '2026-03-11T00:30:00 to 2026-04-01',
      revision: 'prices@always',
      model: 'STANDARD',
      parts: [{ quantity: '1', price: '9.95', ratio: '21/31' }],
      rounding: 'HALF_UP',
      charged: '6.74',
      booked: '6.74',
      discounts: [{ campaign: 'off', amount: '0.67' }],
    });
    expect(explainLine(books, 'INV-2026-00002/9')).toBeUndefined();
  });

  it('a preview is what is then booked (BR-34)', () => {
    const scenario = scenarioOf([]);
    const now = (MARCH + 10) * DAY_MS;
    const april = dayNumber('2026-04-01') * DAY_MS;
    const books = run(scenario);
    const preview = draftOf(books, { now, until: april });
    const { books: after } = settleUntil(books, { from: now, to: april });
    expect(preview.additions.map(({ line, amount }) => [line.key, amount])).toEqual(
      after.invoices.slice(books.invoices.length).flatMap(({ lines }) => lines.map(({ key, amount }) => [key, amount])),
    );
  });

  it('absurdly many lines park the account, and book nothing (BR-30)', () => {
    const scenario = scenarioOf([]);
    const strict = { ...scenario, policy: { ...scenario.policy, linesPerSubscriptionMax: 0 } };
    const books = run(strict);
    expect(books.invoices).toEqual([]);
    expect(books.events).toMatchObject([{ code: 'Parked', subject: 'TooManyLines' }]);
  });

  it('a price that is missing is told and never credited for', () => {
    const books = run(scenarioOf([]));
    const gone = { ...books, catalog: { ...books.catalog, card: { ...books.catalog.card, revisions: [] } } };
    const { books: after, problems } = settle(gone, (MARCH + 10) * DAY_MS);
    expect(problems).toMatchObject([{ code: 'PriceGap', subject: 'a' }]);
    expect(after.creditNotes).toEqual([]);
  });
});

const DAY_MS = 86_400_000;

interface Extras {
  given?: { day: number; amount: number }[];
  onCancel?: string;
  tax?: boolean;
  percent?: number;
}

function scenarioOf(
  list: readonly Change[],
  { given = [], onCancel = 'CREDIT', tax = false, percent = 0 }: Extras = {},
): Scenario {
  const bundle = (name: string) => ({ kind: 'Bundle', name, spec: { charges: [{ name }] } });
  const prices = Object.fromEntries(Object.entries(PRICES).map(([name, minor]) => [name, `${minor / 100}`]));
  const first = [
    ...Object.keys(PRICES).map(bundle),
    { kind: 'RateCard', name: 'prices', spec: { revisions: [{ prices }] } },
    ...(tax ? [{ kind: 'TaxRule', name: 'vat', spec: { rate: '7.7' } }] : []),
    ...(percent > 0 ? [{ kind: 'Campaign', name: 'off', spec: { percentOff: percent } }] : []),
    subscription('a', false, percent),
  ];
  let plan = 'a';
  let paused = false;
  const steps = list.map(({ day, hour, what }) => {
    const at = `${dayFrom(MARCH + day)}T${`${hour}`.padStart(2, '0')}:30`;
    if (what === 'cancel') return { at, delete: [{ kind: 'Subscription', name: 's' }] };
    if (what === 'pause' || what === 'resume') paused = what === 'pause';
    else plan = what;
    return { at, apply: [subscription(plan, paused, percent)] };
  });
  const adjusting = given.map(({ day, amount }) => ({
    at: `${dayFrom(MARCH + day)}T${'23:10'}`,
    adjust: { line: 'last/1', amount: (amount / 100).toFixed(2) },
  }));
  const end = { at: '2026-03-31T23:59' };
  const all = [
    { at: '2026-03-01', apply: first },
    ...[...steps, ...adjusting].toSorted((a, b) => (a.at < b.at ? -1 : 1)),
    end,
  ];
  const result = parseScenario({ currency: 'EUR', policy: { billing: 'CALENDAR', onCancel }, steps: all });
  if ('faults' in result) throw new Error(result.faults.join('\n'));
  return result.scenario;
}

function subscription(bundle: string, paused: boolean, percent: number) {
  return { kind: 'Subscription', name: 's', spec: { bundle, paused, campaigns: percent > 0 ? ['off'] : [] } };
}

/** By plan, what is charged after all credits for service not used. */
function netOf({ invoices, creditNotes }: Books): Record<string, bigint> {
  const net: Record<string, bigint> = {};
  const lines = invoices.flatMap((invoice) => invoice.lines);
  for (const { charge, amount } of lines) net[charge] = (net[charge] ?? 0n) + amount;
  for (const { corrects, gross } of creditNotes.flatMap((note) => note.lines)) {
    const charge = lines.find(({ id }) => id === corrects)?.charge ?? '';
    net[charge] = (net[charge] ?? 0n) - gross;
  }
  return Object.fromEntries(Object.entries(net).filter(([, amount]) => amount !== 0n));
}

/** Another way to the same figures: the plan at the end of each day, counted. */
function expectedNet(list: readonly Change[]): Record<string, bigint> {
  const days: Record<string, number> = {};
  let plan = 'a';
  let running = true;
  let over = false;
  for (let day = 0; day < 31; day += 1) {
    for (const { what } of list.filter((each) => each.day === day && !over)) {
      if (what === 'cancel') over = true;
      else if (what === 'pause' || what === 'resume') running = what === 'resume';
      else plan = what;
    }
    if (running && !over) days[plan] = (days[plan] ?? 0) + 1;
  }
  return Object.fromEntries(
    Object.entries(days).map(([name, count]) => [
      name,
      roundRational(multiply(rational(BigInt(PRICES[name as Plan])), rational(BigInt(count), 31n)), 'HALF_UP'),
    ]),
  );
}

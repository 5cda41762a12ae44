import { describe, expect, it } from '@jest/globals';
import { parseLocal } from '../calendar/zone.ts';
import { rational } from '../money/rational.ts';
import { parseScenario } from '../scenario/parse.ts';
import { run } from '../scenario/run.ts';
import { type Fault, Reader } from '../wish/reader.ts';
import { isWishKind, readWish, type Wish } from '../wish/wish.ts';
import { forecastCosts, type PlannedChange, type Standing } from './forecast.ts';

const at = (local: string) => parseLocal(local, 'UTC') ?? 0;

/** Books as a scenario leaves them: its steps, and what the account is. */
function standing(steps: unknown[], more: Record<string, unknown> = {}): Standing {
  const parsed = parseScenario({ currency: 'EUR', ...more, steps });
  if ('faults' in parsed) throw new Error(parsed.faults.join('\n'));
  return { books: run(parsed.scenario), levels: new Map() };
}

function wish(kind: string, name: string, spec: unknown, now: string): Wish {
  const faults: Fault[] = [];
  if (!isWishKind(kind)) throw new Error(kind);
  const context = { zone: 'UTC', currency: 'EUR', at: at(now) };
  const read = readWish(kind, { name, spec: new Reader(spec, 'spec', faults) }, context);
  expect(faults).toEqual([]);
  return read;
}

const change = (key: string, more: Partial<PlannedChange>): PlannedChange => ({
  key,
  wishes: [],
  cancelled: [],
  levels: new Map(),
  ...more,
});

const taking = (bundle: string, now: string) =>
  change('Subscription/s1', { wishes: [wish('Subscription', 's1', { bundle }, now)] });

const machine = (uid: string, cpus: bigint) =>
  change(`VirtualMachine/${uid}`, {
    levels: new Map([[uid, cpus === 0n ? [] : [{ meter: 'vm.cpus', level: rational(cpus), attributes: {} }]]]),
  });

const CATALOG = [
  { kind: 'Bundle', name: 'small', spec: { charges: [{ name: 'small' }] } },
  { kind: 'Bundle', name: 'large', spec: { charges: [{ name: 'large' }] } },
  {
    kind: 'Bundle',
    name: 'yearly',
    spec: {
      charges: [
        { name: 'year', every: 'YEAR' },
        { name: 'setup', type: 'ONE_TIME' },
      ],
    },
  },
  { kind: 'Bundle', name: 'metered', spec: { charges: [{ name: 'cpu', type: 'USAGE' }] } },
  { kind: 'Meter', name: 'cpu', spec: { rules: [{ usage: 'vm.cpus' }], aggregate: 'LEVEL' } },
  {
    kind: 'RateCard',
    name: 'prices',
    spec: {
      revisions: [
        {
          from: '2026-01-01',
          prices: {
            small: 30,
            large: 60,
            year: 120,
            setup: 7,
            cpu: { model: 'GRADUATED', tiers: [{ upTo: 1000, unitPrice: 0.1 }, { unitPrice: 0.05 }] },
          },
        },
      ],
    },
  },
];
const begin = { at: '2026-04-01', apply: CATALOG };
const CALENDAR = { policy: { billing: 'CALENDAR' } };

describe('what a change costs', () => {
  it('is nothing where nothing changes', () => {
    expect(forecastCosts(standing([begin]), [], { now: at('2026-04-16') })).toMatchObject({
      now: 0n,
      period: 0n,
      month: 0n,
    });
  });

  it('of a new subscription is its fee, the rest of the month now and the whole of it every month', () => {
    const now = '2026-04-16';
    expect(forecastCosts(standing([begin], CALENDAR), [taking('small', now)], { now: at(now) })).toMatchObject({
      now: 1500n,
      period: 1500n,
      month: 3000n,
      touched: 1,
    });
  });

  it('of a yearly one is all of it now, and a twelfth every month; what is due once is no monthly cost', () => {
    const now = '2026-04-16';
    expect(forecastCosts(standing([begin]), [taking('yearly', now)], { now: at(now) })).toMatchObject({
      now: 12_700n,
      month: 1000n,
    });
  });

  it('of a change in the middle is what booking will book', () => {
    const steps = [{ ...begin, apply: [...CATALOG, { kind: 'Subscription', name: 's1', spec: { bundle: 'small' } }] }];
    const now = '2026-04-16';
    expect(forecastCosts(standing(steps, CALENDAR), [taking('large', now)], { now: at(now) })).toMatchObject({
      now: 1500n,
      period: 1500n,
      month: 3000n,
    });
  });

  it('of an end is what comes back', () => {
    const steps = [{ ...begin, apply: [...CATALOG, { kind: 'Subscription', name: 's1', spec: { bundle: 'small' } }] }];
    const gone = change('Subscription/s1', { cancelled: ['s1'] });
    expect(forecastCosts(standing(steps, CALENDAR), [gone], { now: at('2026-04-16') })).toMatchObject({
      now: -1500n,
      period: -1500n,
      month: -3000n,
    });
  });

  it('of machines is what their meters will charge, by object, and the parts are the whole', () => {
    const now = '2026-05-01';
    const forecast = forecastCosts(
      standing([begin], CALENDAR),
      [machine('b', 2n), machine('a', 1n), taking('metered', now)],
      { now: at(now) },
    );
    // May has 744 hours: 744 × 0.10, then 256 × 0.10 + 1232 × 0.05.
    expect(forecast.items).toEqual([
      { key: 'Subscription/s1', now: 0n, period: 0n, month: 0n },
      { key: 'VirtualMachine/a', now: 0n, period: 7440n, month: 7440n },
      { key: 'VirtualMachine/b', now: 0n, period: 8720n, month: 8720n },
    ]);
    expect(forecast).toMatchObject({ period: 16_160n, month: 16_160n });
  });

  it('of a machine that goes is not charged any more', () => {
    const steps = [
      { ...begin, apply: [...CATALOG, { kind: 'Subscription', name: 's1', spec: { bundle: 'metered' } }] },
    ];
    const { books } = standing(steps, CALENDAR);
    const levels = new Map([['a', [{ meter: 'vm.cpus', level: rational(1n), attributes: {} }]]]);
    expect(forecastCosts({ books, levels }, [machine('a', 0n)], { now: at('2026-05-01') })).toMatchObject({
      month: -7440n,
    });
  });

  it('is summed where there are too many objects to name', () => {
    const steps = [
      { ...begin, apply: [...CATALOG, { kind: 'Subscription', name: 's1', spec: { bundle: 'metered' } }] },
    ];
    const many = Array.from({ length: 70 }, (_, index) => machine(`m${index}`, 1n));
    const forecast = forecastCosts(standing(steps, CALENDAR), many, { now: at('2026-05-01') });
    expect(forecast.items).toHaveLength(60);
    expect(forecast.others).toBe(10);
    // 52,080 hours: 1000 × 0.10, and the rest × 0.05.
    expect(forecast.month).toBe(265_400n);
  });
});

describe('many subscriptions', () => {
  const many = Array.from({ length: 40 }, (_, index) => ({
    kind: 'Subscription',
    name: `m${index}`,
    spec: { bundle: index % 2 === 0 ? 'small' : 'metered' },
  }));
  const budget = { kind: 'Budget', name: 'b', spec: { amount: '620.00' } };
  const now = '2026-04-16';

  it('that a change is not about cost the same before and after, and count for budgets all the same', () => {
    const alone = forecastCosts(standing([begin], CALENDAR), [taking('small', now)], { now: at(now) });
    const among = standing([{ ...begin, apply: [...CATALOG, ...many, budget] }], CALENDAR);
    const { items, ...sum } = forecastCosts(among, [taking('large', now), machine('a', 1n)], { now: at(now) });
    expect(items.map(({ key }) => key)).toEqual(['Subscription/s1', 'VirtualMachine/a']);
    expect(items[0]).toMatchObject({ now: 2n * alone.now, period: 2n * alone.period, month: 2n * alone.month });
    // 20 × 30.00 stand, and 30.00 and half a month of a machine come.
    expect(sum.warnings).toMatchObject([{ code: 'BudgetExceeded', spend: 60_000n + sum.period }]);
  });
});

describe('a new price revision', () => {
  it('says whom it touches, and by how much, from when it begins', () => {
    const subscriptions = ['s1', 's2'].map((name) => ({ kind: 'Subscription', name, spec: { bundle: 'small' } }));
    const other = { kind: 'Subscription', name: 's3', spec: { bundle: 'large' } };
    const before = standing([{ ...begin, apply: [...CATALOG, ...subscriptions, other] }], CALENDAR);
    const card = CATALOG.at(-1)?.spec as { revisions: { prices: object }[] };
    const revisions = [...card.revisions, { from: '2026-07-01', prices: { ...card.revisions[0]?.prices, small: 33 } }];
    const now = '2026-04-16';
    const planned = [change('RateCard/prices', { wishes: [wish('RateCard', 'prices', { revisions }, now)] })];
    expect(forecastCosts(before, planned, { now: at(now) })).toMatchObject({ month: 0n, touched: 0 });
    expect(forecastCosts(before, planned, { now: at(now), wholeFrom: at('2026-07-01') })).toMatchObject({
      now: 0n,
      month: 600n,
      touched: 2,
    });
  });
});

describe('limits', () => {
  const now = '2026-04-01';
  const forecast = (account: Record<string, unknown>, apply: unknown[] = []) =>
    forecastCosts(
      standing([{ ...begin, apply: [...CATALOG, ...apply] }], { ...CALENDAR, ...account }),
      [taking('large', now)],
      {
        now: at(now),
      },
    );

  it('of budgets warn when the change spends more than they are', () => {
    const budget = (amount: string) => [{ kind: 'Budget', name: 'b', spec: { amount } }];
    expect(forecast({}, budget('60.00')).warnings).toEqual([]);
    expect(forecast({}, budget('59.99')).warnings).toEqual([
      { code: 'BudgetExceeded', budget: 'b', amount: 5999n, spend: 6000n },
    ]);
  });

  it('of credit warn or refuse, as they say', () => {
    const limit = (amount: string, action: string) => forecast({ creditLimit: { amount, action } }).warnings;
    expect(limit('60.00', 'SUSPEND')).toEqual([]);
    expect(limit('50.00', 'ALERT')).toMatchObject([{ code: 'CreditLimitReached', amount: 5000n, exposure: 6000n }]);
    expect(limit('50.00', 'SUSPEND')).toMatchObject([{ code: 'CreditLimitExceeded', amount: 5000n }]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { parseLocal } from '../calendar/zone.ts';
import { type Books, NO_FACTS } from '../settle/books.ts';
import { billedAccount, catalogWishes, ownWishes, type SharedWishes, type WishObject } from '../wish/account-wishes.ts';
import { applyAll } from '../wish/apply.ts';
import type { PricePorts } from './account-plan.ts';
import type { MeterLevel, TouchedObject } from './planned.ts';
import { priceOfChange } from './price.ts';
import { refusalsOfChange } from './refusals.ts';

const now = parseLocal('2026-05-01', 'UTC') ?? 0;

function object(kind: string, name: string, spec: object, project: string | null = null): WishObject {
  return { kind, metadata: { uid: `uid-of-${name}`, name, project, deletedAt: null }, spec };
}

const card = (fee: string, ...later: object[]) =>
  object('RateCard', 'eur', { currency: 'EUR', revisions: [{ prices: { fee, cpu: '0.10' } }, ...later] });
const shared = [
  object('Channel', 'direct', { catalog: 'public' }),
  object('Channel', 'partner', { catalog: 'empty' }),
  object('Catalog', 'public', { bundles: ['plan'], rateCards: ['eur'] }),
  object('Catalog', 'empty', {}),
  object('Bundle', 'plan', { charges: [{ name: 'fee' }, { name: 'cpu', type: 'USAGE' }] }),
  object('Meter', 'cpu', { rules: [{ usage: 'vm.cpus' }], aggregate: 'LEVEL' }),
  object('BillingPolicy', 'calendar', { billing: 'CALENDAR' }),
  card('10'),
];
const account = (name: string, more: object = {}) =>
  object('Account', name, { currency: 'EUR', channel: 'direct', billingPolicy: 'calendar', ...more });
const subscription = (project: string, more: object = {}) =>
  object('Subscription', 's1', { bundle: 'plan', ...more }, project);

interface World {
  accounts: WishObject[];
  /** By account: what it has subscribed to, in a project of its name. */
  own?: Record<string, WishObject[]>;
  shared?: WishObject[];
}

function worldOf({ accounts, own = {}, shared: objects = shared }: World): PricePorts {
  const kinds = new Set(objects.map(({ kind }) => kind));
  const all: SharedWishes = new Map(
    [...kinds].map((kind) => [
      kind,
      new Map(objects.filter((each) => each.kind === kind).map((each) => [each.metadata.name, each])),
    ]),
  );
  return {
    account: async (name) => accounts.find(({ metadata }) => metadata.name === name),
    accounts: async (limit) => accounts.slice(0, limit),
    shared: async () => all,
    books: async (name) => {
      const found = accounts.find(({ metadata }) => metadata.name === name);
      const wishes = own[name];
      return found && wishes ? booksOf(found, { shared: all, wishes }) : undefined;
    },
    levels: async () => new Map(),
  };
}

function booksOf(object: WishObject, { shared: all, wishes }: { shared: SharedWishes; wishes: WishObject[] }): Books {
  const billed = billedAccount(object, all).value;
  const context = { zone: 'UTC', currency: billed.currency, at: now };
  const { channel } = object.spec as { channel: string };
  const catalog = {
    bundles: new Map(),
    meters: [],
    card: { name: '', currency: 'EUR', revisions: [] },
    campaigns: new Map(),
    taxRules: [],
  };
  const empty: Books = {
    ...NO_FACTS,
    account: billed,
    catalog,
    budgets: [],
    subscriptions: [],
    usage: [],
    levels: [],
    coverage: [],
  };
  return applyAll(
    empty,
    [
      ...catalogWishes({ ...context, channel }, all).value,
      ...ownWishes(wishes, { ...context, uidOf: () => undefined }).value,
    ],
    now,
  );
}

function touching(
  account: string | null,
  {
    before,
    after,
    levels,
  }: Partial<Pick<TouchedObject, 'before' | 'after'>> & { levels?: Record<'before' | 'after', MeterLevel[]> },
): TouchedObject {
  const object = after ?? before;
  if (object === undefined) throw new Error('touch something');
  const { kind, metadata } = object;
  const key = metadata.project === null ? `${kind}/${metadata.name}` : `${kind}/${metadata.project}/${metadata.name}`;
  return { key, account, before, after, levels: levels && { uid: metadata.uid, ...levels } };
}

const machine = object('VirtualMachine', 'web', {}, 'acme');
const cpus = (level: number): MeterLevel[] => [{ meter: 'vm.cpus', level, attributes: {} }];

describe('the price of a change', () => {
  it('is none where nothing that is billed is touched', async () => {
    const ports = worldOf({ accounts: [account('acme')], own: { acme: [] } });
    expect(await priceOfChange(ports, [], now)).toBeNull();
    expect(await priceOfChange(ports, [touching(null, { after: object('Zone', 'fra', {}) })], now)).toBeNull();
  });

  it('of a machine and a subscription to it is named object by object', async () => {
    const ports = worldOf({ accounts: [account('acme')], own: { acme: [] } });
    const touched = [
      touching('acme', { after: machine, levels: { before: [], after: cpus(2) } }),
      touching('acme', { after: subscription('acme', { resources: ['VirtualMachine/web'] }) }),
    ];
    expect(await priceOfChange(ports, touched, now)).toEqual({
      accounts: [
        {
          account: 'acme',
          currency: 'EUR',
          now: '10.00',
          period: '158.80',
          month: '158.80',
          items: [
            { key: 'Subscription/acme/s1', now: '10.00', period: '10.00', month: '10.00' },
            { key: 'VirtualMachine/acme/web', now: '0.00', period: '148.80', month: '148.80' },
          ],
          others: 0,
          refusals: [],
          bridges: [],
          warnings: [],
        },
      ],
      impact: [],
      complete: true,
    });
  });

  it('of a machine that goes, or only rests, is what is not charged any more', async () => {
    const ports = worldOf({
      accounts: [account('acme')],
      own: { acme: [subscription('acme')] },
    });
    const price = async (after: MeterLevel[]) =>
      (
        await priceOfChange(
          ports,
          [touching('acme', { before: machine, after: machine, levels: { before: cpus(2), after } })],
          now,
        )
      )?.accounts[0]?.month;
    expect(await price([])).toBe('-148.80');
    expect(await price(cpus(0))).toBe('-148.80');
    expect(await price(cpus(3))).toBe('74.40');
  });

  it('of a whole new shop is that of its catalog, for an account that nobody knows yet', async () => {
    const ports = worldOf({ accounts: [], shared: [] });
    const touched = [
      ...shared.map((each) => touching(null, { after: each })),
      touching(null, { after: account('acme') }),
      touching('acme', { after: subscription('acme') }),
    ];
    expect((await priceOfChange(ports, touched, now))?.accounts).toMatchObject([
      { account: 'acme', now: '10.00', month: '10.00' },
    ]);
  });

  it('of a subscription that ends is what comes back', async () => {
    const ports = worldOf({ accounts: [account('acme')], own: { acme: [subscription('acme')] } });
    const touched = [touching('acme', { before: subscription('acme'), after: undefined })];
    expect((await priceOfChange(ports, touched, now))?.accounts).toMatchObject([{ month: '-10.00' }]);
  });

  it('says where a budget or a credit limit is in the way', async () => {
    const limited = account('acme', { creditLimit: { amount: '5', action: 'SUSPEND' } });
    const budget = object('Budget', 'month', { amount: '4' }, 'acme');
    const price = (own: WishObject[], owner: WishObject) =>
      priceOfChange(
        worldOf({ accounts: [owner], own: { acme: own } }),
        [touching('acme', { after: subscription('acme') })],
        now,
      );
    expect((await price([], limited))?.accounts[0]?.warnings).toMatchObject([
      { code: 'CreditLimitExceeded', limit: '5.00' },
    ]);
    expect((await price([budget], account('acme')))?.accounts[0]?.warnings).toEqual([
      { code: 'BudgetExceeded', budget: 'acme/month', limit: '4.00', amount: '10.00' },
    ]);
  });
});

describe('what the books refuse', () => {
  const refusedTo = (owner: WishObject) =>
    refusalsOfChange(
      worldOf({ accounts: [owner], own: { acme: [] } }),
      [touching('acme', { after: subscription('acme') })],
      now,
    );

  it('is what the channel does not sell, and what goes beyond the credit', async () => {
    expect(await refusedTo(account('acme'))).toEqual([]);
    expect(await refusedTo(account('acme', { channel: 'partner' }))).toEqual([
      { key: 'Subscription/acme/s1', code: 'BundleNotPublished' },
    ]);
    expect(await refusedTo(account('acme', { creditLimit: { amount: '5', action: 'RESTRICT' } }))).toEqual([
      { key: 'Subscription/acme/s1', code: 'CreditLimitExceeded' },
    ]);
    expect(await refusedTo(account('acme', { creditLimit: { amount: '5', action: 'ALERT' } }))).toEqual([]);
  });
});

describe('the impact of new prices', () => {
  const later = { from: '2026-08-01', prices: { fee: '12', cpu: '0.10' } };
  const ports = worldOf({
    accounts: [account('acme'), account('bolt'), account('cord', { channel: 'partner' }), account('duck')],
    own: { acme: [subscription('acme')], bolt: [subscription('bolt', { quantity: 3 })], cord: [], duck: [] },
  });

  it('is told by currency, for those who buy by them, from when they begin', async () => {
    const touched = [touching(null, { before: card('10'), after: card('10', later) })];
    expect(await priceOfChange(ports, touched, now)).toEqual({
      accounts: [],
      impact: [
        { object: 'RateCard/eur', currency: 'EUR', accounts: 2, subscriptions: 2, month: '8.00', gross: '8.00' },
      ],
      complete: true,
    });
  });

  it('of another billing day is the part of a period that lies between; taken back, nothing', async () => {
    const own = { acme: [subscription('acme')] };
    const before = account('acme', { billingPolicy: undefined });
    const ports = worldOf({ accounts: [before], own });
    const moved = account('acme', { billingPolicy: undefined, billingDay: 15 });
    const price = await priceOfChange(ports, [touching('acme', { before, after: moved })], now + 86_400_000);
    expect(price?.accounts).toMatchObject([
      {
        now: '0.00',
        bridges: [{ subscription: 'acme/s1', charge: 'fee', from: '2026-06-01', to: '2026-06-15', amount: '4.52' }],
      },
    ]);
    const renamed = account('acme', { billingPolicy: undefined, displayName: 'Acme' });
    expect(await priceOfChange(ports, [touching('acme', { before, after: renamed })], now + 86_400_000)).toBeNull();
  });
});

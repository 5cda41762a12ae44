import { describe, expect, it } from '@jest/globals';
import {
  billedAccount,
  catalogWishes,
  ownWishes,
  recipientsOf,
  type SharedWishes,
  type WishObject,
} from './account-wishes.ts';

function object(kind: string, name: string, spec: unknown, more: Partial<WishObject['metadata']> = {}): WishObject {
  return { kind, metadata: { uid: `uid-${name}`, name, project: null, deletedAt: null, ...more }, spec };
}

function sharing(...objects: WishObject[]): SharedWishes {
  const kinds = new Set(objects.map(({ kind }) => kind));
  return new Map(
    [...kinds].map((kind) => [
      kind,
      new Map(objects.filter((each) => each.kind === kind).map((each) => [each.metadata.name, each])),
    ]),
  );
}

const SHARED = sharing(
  object('Channel', 'direct', { catalog: 'public', invoiceSeries: 'direct-invoices' }),
  object('Catalog', 'public', { bundles: ['starter'], rateCards: ['usd', 'eur'] }),
  object('RateCard', 'usd', { currency: 'USD', revisions: [{ prices: { fee: '6' } }] }),
  object('RateCard', 'eur', { currency: 'EUR', revisions: [{ prices: { fee: '5' } }] }),
  object('Bundle', 'starter', { charges: [{ name: 'fee' }] }),
  object('Campaign', 'cents', { amountOff: '1.50' }),
  object('AccountType', 'retail', {
    dunningPolicy: 'soft',
    creditLimits: { EUR: '500' },
    creditLimitAction: 'RESTRICT',
  }),
  object('DunningPolicy', 'soft', { steps: [{ after: 'P3D' }] }),
  object('BillingPolicy', 'calendar', { billing: 'CALENDAR' }),
  object('NumberSeries', 'direct-invoices', { document: 'invoice', format: 'D-{year}-{n}' }),
);

const ACME = object('Account', 'acme', {
  currency: 'EUR',
  zone: 'Europe/Berlin',
  type: 'retail',
  channel: 'direct',
  billingPolicy: 'calendar',
  ownerEmail: 'owner@acme.example',
});
const context = { zone: 'Europe/Berlin', currency: 'EUR', at: Date.parse('2026-03-01T12:00:00Z') };

describe('an account', () => {
  it('is billed as its type, its channel and its policies say', () => {
    const { value, unread } = billedAccount(ACME, SHARED);
    expect(unread).toEqual([]);
    expect(value).toMatchObject({
      name: 'acme',
      zone: 'Europe/Berlin',
      policy: { billing: 'CALENDAR' },
      dunning: { steps: [{ after: 'P3D' }] },
      creditLimit: { amount: 50_000n, action: 'RESTRICT' },
      series: { invoice: { name: 'direct-invoices', format: 'D-{year}-{n}' }, creditNote: { name: 'credit-note' } },
    });
  });

  it("has its own credit limit before its type's, and none in a currency that its type has none in", () => {
    const own = object('Account', 'acme', { ...(ACME.spec as object), creditLimit: { amount: '7' } });
    expect(billedAccount(own, SHARED).value.creditLimit).toEqual({ amount: 700n, action: 'ALERT' });
    const dollars = object('Account', 'acme', { ...(ACME.spec as object), currency: 'USD' });
    expect(billedAccount(dollars, SHARED).value.creditLimit).toBeNull();
  });

  it('gets letters at its billing contact, else at its owner', () => {
    expect(recipientsOf(ACME)).toEqual(['owner@acme.example']);
    const spec = { ...(ACME.spec as object), billingContact: { email: 'money@acme.example' } };
    expect(recipientsOf(object('Account', 'acme', spec))).toEqual(['money@acme.example']);
  });
});

describe('a catalog', () => {
  it("has the prices of the account's currency only", () => {
    const cards = (currency: string) =>
      catalogWishes({ ...context, channel: 'direct', currency }, SHARED).value.filter(
        ({ kind }) => kind === 'RateCard',
      );
    expect(cards('EUR')).toMatchObject([{ name: 'eur' }]);
    expect(cards('USD')).toMatchObject([{ name: 'usd' }]);
    expect(cards('JPY')).toEqual([]);
    expect(catalogWishes({ ...context, channel: null }, SHARED).value.some(({ kind }) => kind === 'RateCard')).toBe(
      false,
    );
  });

  it('holds what is sold elsewhere, for those who have it, and sells it to nobody', () => {
    const sold = (channel: string | null) =>
      catalogWishes({ ...context, channel }, SHARED).value.flatMap((wish) =>
        wish.kind === 'Bundle' ? [[wish.value.name, wish.value.isPublished]] : [],
      );
    expect(sold('direct')).toEqual([['starter', true]]);
    expect(sold(null)).toEqual([['starter', false]]);
  });

  it('leaves out what its currency cannot express, and says so', () => {
    const { value, unread } = catalogWishes({ ...context, channel: 'direct', currency: 'JPY' }, SHARED);
    expect(value.map(({ kind }) => kind)).toEqual(['Bundle']);
    expect(unread).toMatchObject([{ kind: 'Campaign', name: 'cents', fault: { pointer: '/amountOff' } }]);
  });
});

describe('the wishes of an account', () => {
  const subscription = (name: string, spec: object, more: object = {}) =>
    object('Subscription', name, { bundle: 'starter', ...spec }, { project: 'shop', ...more });
  const uidOf = ({ kind, project, name }: { kind: string; project: string; name: string }) =>
    `${kind}/${project}/${name}` === 'VirtualMachine/shop/web' ? 'uid-of-web' : undefined;

  it('are known by project and name, and name resources by uid', () => {
    const wished = [subscription('s1', { resources: ['VirtualMachine/web', 'VirtualMachine/gone', 'meter-17'] })];
    expect(ownWishes(wished, { ...context, uidOf }).value).toMatchObject([
      {
        kind: 'Subscription',
        value: { name: 'shop/s1', resources: ['uid-of-web', 'VirtualMachine/gone', 'meter-17'] },
      },
    ]);
  });

  it('are over when they are deleted, and not before the grace period is', () => {
    const wished = [
      subscription('gone', {}, { deletedAt: '2026-03-01T12:00:00Z' }),
      subscription('going', {}, { deletedAt: '2026-03-02T12:00:00Z' }),
    ];
    expect(ownWishes(wished, { ...context, uidOf }).value).toMatchObject([{ value: { name: 'shop/going' } }]);
  });
});

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { deleteObjects } from '../../reconciler/admission/change.ts';
import { ANNA, booksOnPostgres, SHOP } from './books.fixture.ts';

jest.setTimeout(120_000);

const WORKERS = 8;
const ACCOUNTS = 20;
const MAX = 5;

describe('a campaign that a few may take', () => {
  let cloud: Awaited<ReturnType<typeof booksOnPostgres>>;
  beforeEach(async () => {
    cloud = await booksOnPostgres();
  });
  afterEach(async () => {
    await cloud.close();
  });

  const customers = Array.from({ length: ACCOUNTS }, (_each, index) => `c${index}`).flatMap((name) => [
    { kind: 'Account', name, spec: { channel: 'direct', currency: 'EUR' } },
    { kind: 'Project', name: `p-${name}`, spec: { account: name } },
    { kind: 'Subscription', name: 'web', project: `p-${name}`, spec: { bundle: 'starter', campaigns: ['few'] } },
  ]);
  const sold = [
    { kind: 'Campaign', name: 'few', spec: { percentOff: '50', redemptionsMax: MAX } },
    ...SHOP.filter(({ kind }) => !['Account', 'Project', 'Subscription'].includes(kind)).map((each) =>
      each.kind === 'Catalog' ? { ...each, spec: { ...each.spec, campaigns: ['few'] } } : each,
    ),
  ];

  it('is taken by so many of all accounts, though eight workers give it out at once', async () => {
    await cloud.apply([...sold, ...customers]);
    const accounts = Array.from({ length: ACCOUNTS }, (_each, index) => `c${index}`);
    await cloud.books.wake(accounts);
    await Promise.all(
      Array.from({ length: WORKERS }, async () => {
        const worker = cloud.another();
        for (let round = 0; round < 30; round += 1) await worker.round();
      }),
    );
    await cloud.books.wake(accounts);
    await cloud.settle();
    expect(cloud.errors).toEqual([]);
    const taken = await cloud.rows('select n::int from campaign_redemptions order by n');
    expect(taken.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5]);
    expect(await cloud.rows('select taken::int from campaign_counters')).toEqual([{ taken: MAX }]);
    const invoices = await cloud.rows('select total::text from invoices');
    expect(invoices).toEqual(Array.from({ length: MAX }, () => ({ total: '1500' })));
    const told = await cloud.rows("select account from billing_events where code = 'CampaignExhausted'");
    expect(told).toHaveLength(ACCOUNTS - MAX);
  });

  it('is no more for others once it is taken, also after who took it has gone', async () => {
    const one = sold.map((each) =>
      each.name === 'few' ? { ...each, spec: { percentOff: '50', redemptionsMax: 1 } } : each,
    );
    await cloud.apply([...one, ...customers.slice(0, 3)]);
    await cloud.settle();
    const keys = [{ kind: 'Subscription', project: 'p-c0', name: 'web' }];
    expect(await deleteObjects(cloud.admission, { keys, principal: ANNA })).toMatchObject({ ok: true });
    await cloud.settle();
    await cloud.apply(customers.slice(3, 6));
    await cloud.settle();
    expect(cloud.errors).toEqual([]);
    expect(await cloud.rows('select account from campaign_redemptions')).toEqual([{ account: 'c0' }]);
    expect(await cloud.rows('select account from subscriptions order by account')).toEqual([{ account: 'c0' }]);
  });
});

import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { deleteObjects } from '../../reconciler/admission/change.ts';
import { ANNA, booksOnPostgres, SHOP } from './books.fixture.ts';

jest.setTimeout(240_000);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PAUSE = { job: 'billing', key: 'jobs.billing.paused', by: 'user:anna', since: '', reason: null } as const;

type Cloud = Awaited<ReturnType<typeof booksOnPostgres>>;

const wish = (name: string, spec: object = {}) => ({
  kind: 'Subscription',
  name,
  project: 'shop',
  spec: { bundle: 'starter', ...spec },
});

/** Asks for the deletion, and has the engine be done with it. */
async function remove(cloud: Cloud, name: string): Promise<void> {
  const key = { kind: 'Subscription', project: 'shop', name };
  expect(await deleteObjects(cloud.admission, { keys: [key], principal: ANNA })).toMatchObject({ ok: true });
  await cloud.pool.query(`delete from objects where key = $1`, [`Subscription/shop/${name}`]);
}

/** What people do in two months, by day: new wishes, other quantities, a pause, deletions, and a name that comes back. */
const LIFE: Readonly<Record<number, (cloud: Cloud) => Promise<void>>> = {
  8: (cloud) => cloud.apply([wish('extra', { quantity: 3 })]),
  12: (cloud) => cloud.apply([wish('web', { quantity: 2 })]),
  15: (cloud) => cloud.apply([wish('extra', { quantity: 3, paused: true })]),
  18: (cloud) => cloud.apply([wish('extra', { quantity: 3 })]),
  20: (cloud) => remove(cloud, 'web'),
  27: (cloud) => cloud.apply([wish('web')]),
  55: (cloud) => remove(cloud, 'extra'),
};

describe('books that look late', () => {
  const open: Cloud[] = [];
  afterEach(async () => {
    for (const cloud of open.splice(0)) await cloud.close();
  });

  async function shop() {
    let paused = false;
    const cloud = await booksOnPostgres({
      settings: { pauseOf: () => (paused ? PAUSE : null), inForce: async () => [] },
    });
    open.push(cloud);
    // Noon, so that no day ends while people do something.
    await cloud.advance(DAY - (((await cloud.books.now()) + DAY / 2) % DAY));
    const began = await cloud.books.now();
    await cloud.apply(SHOP);
    await cloud.settle();
    let passed = 0;
    return {
      cloud,
      pause: (now: boolean) => {
        paused = now;
      },
      advanceTo: async (days: number) => {
        await cloud.advance((days - passed) * DAY);
        passed = days;
      },
      dayOf: (instant: number | null) => (instant === null ? null : Math.floor((instant - began) / DAY + 0.25)),
    };
  }

  async function lived(isPaused: (day: number) => boolean, days = 70) {
    const { cloud, pause, advanceTo, dayOf } = await shop();
    for (let day = 1; day <= days; day += 1) {
      await advanceTo(day);
      pause(isPaused(day));
      await LIFE[day]?.(cloud);
      if (isPaused(day)) expect(await cloud.open.round()).toBe(false);
      else await cloud.settle();
    }
    expect(cloud.errors).toEqual([]);
    const { invoices = [], creditNotes = [], subscriptions = [] } = (await cloud.open.accounts.current('acme')) ?? {};
    return {
      invoices: invoices.map(({ number, total, issuedAt, lines }) => [
        number,
        total,
        dayOf(issuedAt),
        lines.map(({ subscription, amount, from, to }) => [subscription, amount, dayOf(from), dayOf(to)]),
      ]),
      creditNotes: creditNotes.map(({ number, total, invoice, issuedAt }) => [number, total, invoice, dayOf(issuedAt)]),
      events: subscriptions.flatMap(({ id, events }) => events.map(({ type, at }) => [id, type, dayOf(at)])),
      findings: await cloud.open.api.audit(),
    };
  }

  it('book begins, changes and ends as of when they were wished, and come to the same as books that never stopped', async () => {
    const never = await lived(() => false);
    const late = await lived((day) => day >= 5 && day < 50);
    expect(never.events).toEqual([
      ['shop/extra', 'CREATE', 8],
      ['shop/extra', 'PAUSE', 15],
      ['shop/extra', 'RESUME', 18],
      ['shop/extra', 'CANCEL', 55],
      ['shop/web', 'CREATE', 0],
      ['shop/web', 'CHANGE', 12],
      ['shop/web', 'CANCEL', 20],
      ['shop/web#2', 'CREATE', 27],
    ]);
    expect(never.creditNotes.length).toBeGreaterThan(2);
    expect(late).toEqual(never);
    expect(never.findings).toEqual([]);
  });

  it('end a subscription at the very instant at which its end was wished, parked or paused', async () => {
    const { cloud, pause, advanceTo } = await shop();
    await advanceTo(3);
    await cloud.settle();
    pause(true);
    await cloud.pool.query(`update books_accounts set parked = 'Failed: by hand'`);
    await advanceTo(10);
    const before = await cloud.books.now();
    await remove(cloud, 'web');
    const after = await cloud.books.now();
    await advanceTo(45);
    pause(false);
    await cloud.books.wake(['acme']);
    await cloud.settle();
    const [cancel] = await cloud.rows(
      `select (body ->> 'at')::float8 as at from subscription_events where body ->> 'type' = 'CANCEL'`,
    );
    expect(cancel?.at).toBeGreaterThanOrEqual(before);
    expect(cancel?.at).toBeLessThanOrEqual(after);
    // No second month was ever billed, and taken back.
    expect(await cloud.rows('select total::int as total from invoices')).toEqual([{ total: 3000 }]);
    expect(await cloud.rows('select count(*)::int as count from credit_notes')).toEqual([{ count: 1 }]);
  });

  it('bill nothing for what came and went while nobody looked, under its own name or under one that is wished again', async () => {
    const { cloud, pause, advanceTo } = await shop();
    pause(true);
    await advanceTo(2);
    await cloud.apply([wish('ghost')]);
    await advanceTo(4);
    await remove(cloud, 'ghost');
    await advanceTo(6);
    await cloud.apply([wish('spirit')]);
    await advanceTo(7);
    await remove(cloud, 'spirit');
    await advanceTo(9);
    await cloud.apply([wish('spirit')]);
    await advanceTo(12);
    pause(false);
    await cloud.books.wake(['acme']);
    await cloud.settle();
    const events = await cloud.rows(
      `select subscription, body ->> 'type' as type from subscription_events order by subscription, position`,
    );
    expect(events).toEqual([
      { subscription: 'shop/spirit', type: 'CREATE' },
      { subscription: 'shop/web', type: 'CREATE' },
    ]);
  });

  it('keep of what was wished only what may still be asked for', async () => {
    const { cloud, advanceTo } = await shop();
    const kept = () => cloud.rows(`select name, spec ->> 'quantity' as quantity from subscription_wishes order by id`);
    for (const [day, quantity] of [2, 3, 4].entries()) {
      await advanceTo(3 * day + 3);
      await cloud.apply([wish('web', { quantity })]);
      await cloud.settle();
    }
    // When the newest came, only the second was settled for more than a day: what it had replaced could go.
    expect(await kept()).toEqual([
      { name: 'web', quantity: '2' },
      { name: 'web', quantity: '3' },
      { name: 'web', quantity: '4' },
    ]);
    await remove(cloud, 'web');
    await cloud.settle();
    await advanceTo(14);
    await cloud.books.wake(['acme']);
    await cloud.settle();
    await cloud.apply([wish('other')]);
    expect(await kept()).toEqual([{ name: 'other', quantity: '1' }]);
  });
});

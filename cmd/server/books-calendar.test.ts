import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { booksOnPostgres, SHOP } from './books.fixture.ts';

jest.setTimeout(120_000);

const DAY = 86_400_000;

describe('an account that moves to another zone and another billing day', () => {
  let cloud: Awaited<ReturnType<typeof booksOnPostgres>>;
  beforeEach(async () => {
    cloud = await booksOnPostgres();
  });
  afterEach(async () => {
    await cloud.close();
  });

  const move = (spec: object) =>
    cloud.apply(
      SHOP.filter(({ kind }) => kind === 'Account').map((each) => ({ ...each, spec: { ...each.spec, ...spec } })),
    );
  const lines = async () => {
    const rows = await cloud.rows(
      `select period_from, period_to, amount::text from rated_lines where charge = 'fee' order by period_from`,
    );
    return rows.map(({ period_from: from, period_to: to, amount }) => ({ from: Number(from), to: Number(to), amount }));
  };
  const calendars = () =>
    cloud.rows('select at, zone, body ->> $1 as day from account_calendars order by version', ['billingDay']);

  it('is billed one part of a period in between, from facts: the wish as it was is nowhere else', async () => {
    await cloud.apply(SHOP);
    await cloud.settle();
    const [first] = await lines();
    if (first === undefined) throw new Error('nothing was billed');
    const dayOfMonth = new Date(first.to).getUTCDate();
    const billingDay = ((dayOfMonth + 9) % 28) + 1;
    await cloud.advance(3 * DAY);
    await move({ zone: 'America/New_York', billingDay });
    await cloud.settle();
    expect(await calendars()).toMatchObject([
      { zone: 'UTC', day: null },
      { zone: 'America/New_York', day: `${billingDay}` },
    ]);
    for (let days = 10; days < 80; days += 10) {
      await cloud.advance(days * DAY);
      await cloud.settle();
    }
    expect(cloud.errors).toEqual([]);
    const [, bridge, whole] = await lines();
    // No day twice, none left out: each period begins where the one before it ended.
    expect([bridge?.from, whole?.from]).toEqual([first.to + hoursWest(first.to), bridge?.to]);
    expect(Number(bridge?.amount)).toBeLessThan(3000);
    expect(whole?.amount).toBe('3000');
    expect(new Date((whole?.from ?? 0) - hoursWest(whole?.from ?? 0)).getUTCDate()).toBe(billingDay);
    expect(await cloud.open.api.audit()).toEqual([]);
  });

  it('and takes it back before the boundary is billed as if it had never asked', async () => {
    await cloud.apply(SHOP);
    await cloud.settle();
    await cloud.advance(3 * DAY);
    await move({ zone: 'Asia/Tokyo', billingDay: 28 });
    await cloud.settle();
    await cloud.advance(4 * DAY);
    await move({});
    await cloud.settle();
    expect(await calendars()).toHaveLength(3);
    await cloud.advance(40 * DAY);
    await cloud.settle();
    expect(cloud.errors).toEqual([]);
    const [first, second] = await lines();
    expect(second).toMatchObject({ from: first?.to, amount: '3000' });
  });

  it('keeps its currency, and the policy that everything was computed with', async () => {
    await cloud.apply(SHOP);
    await expect(move({ currency: 'USD' })).rejects.toThrow(/currency/);
  });
});

/** Between midnight of a UTC day and the same in New York. */
function hoursWest(at: number): number {
  const text = new Intl.DateTimeFormat('en', { timeZone: 'America/New_York', timeZoneName: 'longOffset' }).format(at);
  return Number(/GMT-0(\d)/.exec(text)?.[1]) * 3_600_000;
}

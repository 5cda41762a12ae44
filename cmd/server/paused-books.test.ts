import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { booksOnPostgres, SHOP } from './books.fixture.ts';

jest.setTimeout(240_000);

const DAY = 86_400_000;
/** A customer who never pays: reminders and holds come due in the pause as well. */
const DUNNED = [
  {
    kind: 'DunningPolicy',
    name: 'strict',
    spec: {
      steps: [
        { after: 'P3D', actions: ['EMAIL'] },
        { after: 'P10D', hold: 'RESTRICT' },
        { after: 'P40D', hold: 'SUSPEND' },
      ],
    },
  },
  { kind: 'AccountType', name: 'retail', spec: { dunningPolicy: 'strict' } },
  ...SHOP.map((each) => (each.kind === 'Account' ? { ...each, spec: { ...each.spec, type: 'retail' } } : each)),
];
const PAUSE = { job: 'billing', key: 'jobs.billing.paused', by: 'user:anna', since: '', reason: null } as const;

describe('books that are paused', () => {
  const open: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  });

  /** The books of a shop over so many days, looked at every day; not on those on which they are paused. */
  async function live(days: number, isPaused: (day: number) => boolean) {
    let paused = false;
    const settings = { pauseOf: () => (paused ? PAUSE : null), inForce: async () => [] };
    const cloud = await booksOnPostgres({ settings });
    open.push(cloud.close);
    await cloud.apply(DUNNED);
    await cloud.settle();
    const counts: number[] = [];
    for (let day = 1; day <= days; day += 1) {
      await cloud.advance(DAY);
      paused = isPaused(day);
      await cloud.settle();
      counts.push(((await cloud.open.accounts.current('acme'))?.invoices ?? []).length);
    }
    expect(cloud.errors).toEqual([]);
    const books = await cloud.open.accounts.current('acme');
    const { invoices = [], dunningDone = [], holds = [] } = books ?? {};
    return { counts, invoices, dunningDone, holds };
  }

  /** The books began at some moment of the same day; from the second period on all is as the calendar has it. */
  const onDay = (at: number | null) => (at === null ? null : Math.floor(at / DAY));

  it('over the ends of two months issue nothing, and afterwards the same invoices, reminders and holds as books that never stopped', async () => {
    const never = await live(75, () => false);
    const paused = await live(75, (day) => day >= 20 && day < 70);
    expect([never.counts[68], paused.counts[68]]).toEqual([3, 1]);
    expect(paused.counts[74]).toBe(3);
    expect(paused.invoices.slice(1)).toEqual(never.invoices.slice(1));
    const first = ({ invoices: [one] }: typeof never) => [
      one?.number,
      one?.total,
      onDay(one?.issuedAt ?? 0),
      onDay(one?.dueAt ?? 0),
    ];
    expect(first(paused)).toEqual(first(never));
    const done = ({ dunningDone }: typeof never) =>
      dunningDone.map(({ invoice, step, at }) => [invoice, step, onDay(at)]);
    expect(never.dunningDone.length).toBeGreaterThan(2);
    expect(done(paused)).toEqual(done(never));
    const held = ({ holds }: typeof never) => holds.map(({ id, severity, from }) => [id, severity, onDay(from)]);
    expect(held(paused)).toEqual(held(never));
  });
});

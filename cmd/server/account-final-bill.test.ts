import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { command } from '../../billing/payment/command.ts';
import { createMemoryRecords } from '../../identity/memory/records.ts';
import { booksOnPostgres, SHOP } from './books.fixture.ts';
import { clearAccount, remains } from './clear-account.ts';

jest.setTimeout(120_000);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('the books of an account that is terminated', () => {
  let cloud: Awaited<ReturnType<typeof booksOnPostgres>>;
  beforeEach(async () => {
    cloud = await booksOnPostgres();
  });
  afterEach(async () => {
    await cloud.close();
  });

  const invoices = () => cloud.rows('select number, total::text, body from invoices order by issued_at, number');
  const runs = async (seq: number, level: number) =>
    cloud.pool.query(
      `insert into journal (at, uid, kind, project, name, account, meter, seq, level, attributes, run_id, place)
      values ($1, 'vm-1', 'VirtualMachine', 'shop', 'web', 'acme', 'vm.running', $2, $3, '{}', $4, 'host-1')`,
      [await cloud.books.now(), seq, level, level === 0 ? null : 'run-1'],
    );

  it('are billed for what was used up to the end, with a new invoice, and for nothing after it', async () => {
    await cloud.apply(SHOP);
    await cloud.settle();
    expect(await invoices()).toMatchObject([{ total: '3000' }]);
    const began = await cloud.books.now();
    await runs(1, 1);
    // More than a day: at whatever hour the test began, a day of what was paid in advance is used.
    await cloud.advance(26 * HOUR);
    await cloud.settle();

    const why = { by: 'user:fiona', reason: 'Contract', memo: 'They left.' };
    await cloud.open.accounts.change('acme', (books, now) => {
      const held = command(books, { type: 'hold', id: 'admin/1', severity: 'TERMINATE', source: 'admin', why }, now);
      return held.outcome === 'done' ? held.books : books;
    });
    const [account] = await cloud.store.getByKey([{ kind: 'Account', project: null, name: 'acme' }]);
    if (account === undefined) throw new Error('There is no account.');
    const parts = {
      store: cloud.store,
      records: createMemoryRecords(),
      admission: cloud.admission,
      books: cloud.books,
    };
    expect(await remains(parts, account)).toMatchObject({ standing: 1 });
    await clearAccount(parts, account);
    expect(await remains(parts, account)).toMatchObject({ standing: 0 });
    await runs(2, 0);
    const ended = await cloud.books.now();
    await cloud.pool.query('insert into coverage (place, from_at, to_at) values ($1, $2, $3)', [
      'host-1',
      began,
      ended,
    ]);
    await cloud.settle();
    for (let week = 0; week < 10; week += 1) {
      await cloud.advance(7 * DAY);
      await cloud.settle();
    }
    expect(cloud.errors).toEqual([]);
    const [first, last, ...more] = await invoices();
    expect(more).toEqual([]);
    // Twenty-six hours of a machine, and no second month.
    expect(last).toMatchObject({ total: '260', body: { lines: [{ kind: 'USAGE', charge: 'hours', amount: '260n' }] } });
    expect(last.number).not.toBe(first.number);
    const [line] = last.body.lines;
    expect(line.from).toBeGreaterThanOrEqual(began - MINUTE);
    expect(line.to).toBeGreaterThanOrEqual(ended - MINUTE);
    expect(line.to).toBeLessThanOrEqual(ended + MINUTE);
    // Of the month that was paid in advance the days that nobody used are given back, and pay it.
    const notes = await cloud.rows('select total::int as total, body, invoice from credit_notes');
    expect(notes).toMatchObject([{ invoice: first.number, body: { reason: 'ServiceNotUsed' } }]);
    expect(notes[0]?.total).toBeGreaterThan(2_700);
    expect(notes[0]?.total).toBeLessThan(3_000);
    expect(last.body.credits).toBe('260n');
  });
});

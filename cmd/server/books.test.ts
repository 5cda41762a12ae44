import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { booksOnPostgres, SHOP } from './books.fixture.ts';

jest.setTimeout(120_000);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('the books of a cloud', () => {
  let cloud: Awaited<ReturnType<typeof booksOnPostgres>>;
  beforeEach(async () => {
    cloud = await booksOnPostgres();
  });
  afterEach(async () => {
    await cloud.close();
  });

  const invoices = () =>
    cloud.rows('select number, total::text, due_at, body from invoices order by issued_at, number');

  it('bill a subscription from its manifest: the first fee at once, a month of usage with the second', async () => {
    await cloud.apply(SHOP);
    await cloud.settle();
    expect(cloud.errors).toEqual([]);
    expect(await invoices()).toMatchObject([{ total: '3000' }]);

    const now = await cloud.books.now();
    await cloud.pool.query(
      `insert into journal (at, uid, kind, project, name, account, meter, seq, level, attributes, run_id, place)
      values ($1, 'vm-1', 'VirtualMachine', 'shop', 'web', 'acme', 'vm.running', 1, 1, '{}', 'run-1', 'host-1')`,
      [now],
    );
    await cloud.pool.query('insert into coverage (place, from_at, to_at) values ($1, $2, $3)', [
      'host-1',
      now,
      now + 10 * HOUR,
    ]);
    await cloud.pool.query(
      `insert into journal (at, uid, kind, project, name, account, meter, seq, level, attributes, run_id, place)
      values ($1, 'vm-1', 'VirtualMachine', 'shop', 'web', 'acme', 'vm.running', 2, 0, '{}', null, 'host-1')`,
      [now + 10 * HOUR],
    );
    for (let day = 0; day < 33; day += 1) {
      await cloud.advance(DAY);
      await cloud.settle();
    }
    expect(cloud.errors).toEqual([]);
    const [first, second] = await invoices();
    expect(await invoices()).toHaveLength(2);
    expect(first.number).toMatch(/^INV-\d{4}-00001$/);
    expect(second).toMatchObject({ total: '3100' });
    const letters = await cloud.rows('select template, recipient from mail_outbox');
    expect(letters).toEqual([
      { template: 'InvoiceIssued', recipient: 'a@acme.example' },
      { template: 'InvoiceIssued', recipient: 'a@acme.example' },
    ]);
    const sums = await cloud.rows(
      "select sum(case side when 'DEBIT' then minor else -minor end)::text as sum from ledger_entries",
    );
    expect(sums).toEqual([{ sum: '0' }]);
  });
});

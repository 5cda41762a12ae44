import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { command } from '../../billing/payment/command.ts';
import { mailIndex } from '../../postgres/personal/mail.ts';
import { overrideField } from '../../reconciler/admission/change.ts';
import { decidePower } from '../../resources/compute/virtual-machine/power.ts';
import { TEST_VAULT } from '../../test/fixtures/vault.ts';
import { ANNA, booksOnPostgres, SHOP } from './books.fixture.ts';

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
    const recipient = mailIndex(TEST_VAULT.personal, 'a@acme.example');
    expect(await cloud.rows('select template, recipient from mail_outbox')).toEqual([
      { template: 'InvoiceIssued', recipient },
      { template: 'InvoiceIssued', recipient },
    ]);
    const sums = await cloud.rows(
      "select sum(case side when 'DEBIT' then minor else -minor end)::text as sum from ledger_entries",
    );
    expect(sums).toEqual([{ sum: '0' }]);
  });

  it('turn an adjustment into a record, once, and say in its status what became of it', async () => {
    await cloud.apply(SHOP);
    await cloud.settle();
    const [first] = await invoices();
    const adjustment = (name: string, spec: object) => ({ kind: 'Adjustment', name, project: 'shop', spec });
    await cloud.apply([
      adjustment('less', { type: 'LINE', line: `${first.number}/1`, amount: '10.00', reason: 'It was slow.' }),
      adjustment('wrong', { type: 'VOID', invoice: 'NONE', reason: 'A mistake.' }),
    ]);
    for (let pass = 0; pass < 3; pass += 1) {
      await cloud.books.wake(['acme']);
      await cloud.settle();
    }
    expect(cloud.errors).toEqual([]);
    const notes = await cloud.rows('select number, total::text from credit_notes');
    expect(notes).toMatchObject([{ total: '1000' }]);
    const keys = ['less', 'wrong'].map((name) => ({ kind: 'Adjustment', project: 'shop', name }));
    const objects = await cloud.store.getByKey(keys);
    const statuses = await Promise.all(objects.map((object) => cloud.open.port.statusOf(object?.metadata.uid ?? '')));
    expect(statuses).toMatchObject([
      { state: 'BOOKED', document: notes[0].number },
      { state: 'REFUSED', refusal: 'UnknownInvoice' },
    ]);
  });

  it('stop the machines of an account that does not pay, and start them again when it has paid; what people hold stays', async () => {
    const policy = { steps: [{ after: 'P3D', hold: 'SUSPEND' }] };
    await cloud.apply([
      { kind: 'DunningPolicy', name: 'strict', spec: policy },
      { kind: 'AccountType', name: 'retail', spec: { dunningPolicy: 'strict' } },
      ...SHOP.map((each) => (each.kind === 'Account' ? { ...each, spec: { ...each.spec, type: 'retail' } } : each)),
      { kind: 'Network', name: 'lan', project: 'shop', spec: {} },
      ...['web', 'db'].map((name) => ({
        kind: 'VirtualMachine',
        name,
        project: 'shop',
        spec: { cpus: 1, memoryMiB: 128, disks: [{ name: 'root', sizeGiB: 1 }] },
      })),
    ]);
    const key = (name: string) => ({ kind: 'VirtualMachine', project: 'shop', name });
    await overrideField(cloud.admission, {
      keys: [key('db')],
      principal: ANNA,
      name: 'power',
      value: 'stopped',
      until: null,
    });
    const power = async () => {
      const machines = await cloud.store.getByKey([key('web'), key('db')]);
      return machines.map((machine) => decidePower({ object: machine as never, now: 0 }, null).act);
    };
    await cloud.settle();
    expect(await power()).toEqual(['start', 'none']);
    for (let day = 0; day < 35; day += 5) {
      await cloud.advance(5 * DAY);
      await cloud.settle();
    }
    const held = await cloud.store.getByKey([key('web')]);
    expect(held[0]?.metadata.overrides.hold).toMatchObject({ value: 'SUSPEND', by: 'portal' });
    expect(await power()).toEqual(['none', 'none']);
    await cloud.open.accounts.change('acme', (books, now) =>
      books.invoices.reduce((after, { number }) => {
        const paid = command(after, { type: 'pay', invoice: number, amount: null, key: null }, now);
        return paid.outcome === 'done' ? paid.books : after;
      }, books),
    );
    await cloud.settle();
    expect(cloud.errors).toEqual([]);
    const [web, db] = await cloud.store.getByKey([key('web'), key('db')]);
    expect(web?.metadata.overrides).toEqual({});
    expect(Object.keys(db?.metadata.overrides ?? {})).toEqual(['power']);
    expect(await power()).toEqual(['start', 'none']);
  });
});

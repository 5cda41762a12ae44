import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { standingOf } from '../../billing/loop/standing.ts';
import { deleteObjects } from '../../reconciler/admission/change.ts';
import { ANNA, booksOnPostgres, SHOP } from './books.fixture.ts';

jest.setTimeout(120_000);

const DAY = 86_400_000;

describe('the life of a subscription', () => {
  let cloud: Awaited<ReturnType<typeof booksOnPostgres>>;
  beforeEach(async () => {
    cloud = await booksOnPostgres();
  });
  afterEach(async () => {
    await cloud.close();
  });

  const shop = (spec: object, account: object = {}) =>
    SHOP.map((each) => {
      if (each.kind === 'Subscription') return { ...each, spec: { ...each.spec, ...spec } };
      return each.kind === 'Account' ? { ...each, spec: { ...each.spec, ...account } } : each;
    });
  const state = async () => {
    const books = await cloud.open.accounts.current('acme');
    if (books === undefined) throw new Error('there are no books');
    return [...standingOf(books, await cloud.books.now()).subscriptions.values()].at(-1)?.state;
  };
  const later = async (ms: number) => {
    await cloud.advance(ms);
    await cloud.books.wake(['acme']);
    await cloud.settle();
  };
  const invoices = () => cloud.rows('select total::text from invoices order by issued_at');
  const day = async (days: number) => new Date((await cloud.books.now()) + days * DAY).toISOString().slice(0, 10);

  it('goes from PENDING by its start to ACTIVE, CANCELLING and ENDED, and is not begun again by the wish that ended it', async () => {
    const [start, end] = [await day(2), await day(12)];
    await cloud.apply(shop({ start }));
    await cloud.settle();
    expect(await state()).toBe('PENDING');
    await later(3 * DAY);
    expect(await state()).toBe('ACTIVE');
    await cloud.apply(shop({ start, paused: true }));
    await later(3 * DAY + 5_000);
    expect(await state()).toBe('PAUSED');
    await cloud.apply(shop({ start, end, paused: false }));
    await later(3 * DAY + 10_000);
    expect(await state()).toBe('CANCELLING');
    for (const days of [7, 8, 40]) await later(days * DAY);
    expect(await state()).toBe('ENDED');
    // What the pause gave back was credit, and paid what came after it.
    const credits = await cloud.rows('select kind from credits order by version, position');
    expect(credits.map(({ kind }) => kind)).toEqual(['CREDIT_NOTE', 'APPLIED']);
    const events = await cloud.rows(
      'select subscription, body ->> $1 as type from subscription_events order by subscription, position',
      ['type'],
    );
    expect(events.map(({ type }) => type)).toEqual(['CREATE', 'PAUSE', 'RESUME', 'CANCEL']);
    expect(cloud.errors).toEqual([]);
  });

  it('is CANCELED where it ends before it began, and nothing was ever charged', async () => {
    const [start, end] = [await day(5), await day(5 + 1)];
    await cloud.apply(shop({ start }));
    await cloud.settle();
    await cloud.apply(shop({ start, end }));
    await cloud.settle();
    expect(await state()).toBe('PENDING');
    const key = { kind: 'Subscription', project: 'shop', name: 'web' };
    expect(await deleteObjects(cloud.admission, { keys: [key], principal: ANNA })).toMatchObject({ ok: true });
    await cloud.settle();
    expect(await state()).toBe('CANCELED');
    await later(10 * DAY);
    expect(await invoices()).toEqual([]);
  });

  it('is INCOMPLETE until its card has set aside what the account has to show', async () => {
    const type = { kind: 'AccountType', name: 'retail', spec: { preAuthorisation: { EUR: '30' } } };
    await cloud.apply([type, ...shop({}, { type: 'retail' })]);
    await cloud.settle();
    expect(await state()).toBe('INCOMPLETE');
    expect(await invoices()).toEqual([]);
    await later(DAY);
    await cloud.open.accounts.change('acme', (books, at) => ({
      ...books,
      authorisations: [
        ...books.authorisations,
        { id: 'a1', subscription: 'shop/web', at, state: 'AUTHORISED', amount: 3000n },
      ],
    }));
    await cloud.settle();
    await later(DAY + 5_000);
    expect(await state()).toBe('ACTIVE');
    expect(await invoices()).toEqual([{ total: '3000' }]);
    expect(cloud.errors).toEqual([]);
  });

  it('is PROVISIONING until all that it is for stands, and ends with it where that is wished', async () => {
    const policy = { kind: 'BillingPolicy', name: 'careful', spec: { begins: 'WHEN_PROVISIONED' } };
    const machine = {
      kind: 'VirtualMachine',
      name: 'web',
      project: 'shop',
      spec: { cpus: 1, memoryMiB: 128, disks: [{ name: 'root', sizeGiB: 1 }] },
    };
    const wish = { resources: ['VirtualMachine/web'], manualTermination: false };
    await cloud.apply([
      policy,
      ...shop(wish, { billingPolicy: 'careful' }),
      { kind: 'Network', name: 'lan', project: 'shop', spec: {} },
    ]);
    await cloud.settle();
    expect(await state()).toBe('PROVISIONING');
    await cloud.apply([machine]);
    await later(DAY);
    expect(await state()).toBe('PROVISIONING');
    const [object] = await cloud.store.getByKey([{ kind: 'VirtualMachine', project: 'shop', name: 'web' }]);
    if (object === undefined) throw new Error('there is no machine');
    await cloud.pool.query(
      `insert into journal (at, uid, kind, project, name, account, meter, seq, level, attributes, run_id, place)
      values ($1, $2, 'VirtualMachine', 'shop', 'web', 'acme', 'vm.running', 1, 1, '{}', 'run-1', 'host-1')`,
      [await cloud.books.now(), object.metadata.uid],
    );
    await later(DAY + 60_000);
    expect(await state()).toBe('ACTIVE');
    expect(await invoices()).toEqual([{ total: '3000' }]);
    await cloud.pool.query('delete from objects where uid = $1', [object.metadata.uid]);
    await later(2 * DAY);
    expect(await state()).toBe('ENDED');
    for (const days of [3, 4]) await later(days * DAY);
    expect(await cloud.rows('select id from subscriptions')).toEqual([{ id: 'shop/web' }]);
    await cloud.apply([machine]);
    await later(5 * DAY);
    expect(await cloud.rows('select id from subscriptions order by id')).toEqual([
      { id: 'shop/web' },
      { id: 'shop/web#2' },
    ]);
    expect(cloud.errors).toEqual([]);
  });
});

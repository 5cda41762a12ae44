import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
import type { BooksChange } from '../../billing/loop/books-store.ts';
import { createMemoryNotifications } from '../../letters/memory-notifications.ts';
import { NOTICE_TYPES, type Notice, type NoticeType } from '../../letters/notices.ts';
import type { Audience, Notifications } from '../../letters/notification.ts';
import { TEST_VAULT } from '../../test/fixtures/vault.ts';
import { type FreshDatabase, freshDatabase } from '../../test/postgres.ts';
import { createBooksStore } from '../books/store.ts';
import { createDatabase } from '../database.ts';
import { createIdentityAudit } from '../identity/audit.ts';
import { createPool } from '../pool.ts';
import { tidy } from '../retention.ts';
import { createNotifications } from './notifications.ts';

jest.setTimeout(120_000);

const notice = (type: NoticeType, target: string, event = 'e1'): Notice => ({ type, target, event, detail: event });
const ANNA: Audience = { reader: 'anna', accounts: ['acme'], accountTypes: NOTICE_TYPES, system: false };
const BEN: Audience = { ...ANNA, reader: 'ben', accountTypes: ['Maintenance'] };
const STAFF: Audience = { reader: 'fiona', accounts: [], accountTypes: [], system: true };
const EVERYTHING = { types: NOTICE_TYPES, unreadOnly: false, limit: 100 };

let fresh: FreshDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  fresh = await freshDatabase();
  pool = createPool({ url: fresh.url });
});
afterAll(async () => {
  await pool.end();
  await fresh.drop();
});
beforeEach(() => pool.query('truncate notifications cascade'));

describe.each([
  ['in PostgreSQL', () => createNotifications(createDatabase(pool))],
  ['in memory', () => createMemoryNotifications(() => 0)],
] as [string, () => Notifications][])('notifications %s', (_where, open) => {
  let notifications: Notifications;
  beforeEach(async () => {
    notifications = open();
    await notifications.put([
      notice('SignedIn', 'anna'),
      notice('SignedIn', 'ben'),
      notice('InvoiceIssued', 'acme'),
      notice('Maintenance', 'acme'),
      notice('InvoiceIssued', 'bolt'),
      notice('JobProblem', ''),
    ]);
  });
  const types = async (audience: Audience, more: object = {}) =>
    (await notifications.list(audience, { ...EVERYTHING, ...more }))
      .map(({ type, account }) => `${type} ${account}`)
      .sort();

  it('reach each only whom they are for', async () => {
    expect(await types(ANNA)).toEqual(['InvoiceIssued acme', 'Maintenance acme', 'SignedIn null']);
    expect(await types(BEN)).toEqual(['Maintenance acme', 'SignedIn null']);
    expect(await types(STAFF)).toEqual(['JobProblem null']);
    expect(await types(ANNA, { types: ['SignedIn', 'JobProblem'] })).toEqual(['SignedIn null']);
  });

  it('are there once for an event and whom it is told, however often and by how many they are written', async () => {
    const again = [notice('SignedIn', 'anna'), notice('Maintenance', 'acme'), notice('SignedIn', 'anna', 'e2')];
    await Promise.all([notifications.put(again), notifications.put(again), notifications.put(again)]);
    expect(await types(ANNA)).toHaveLength(4);
  });

  it('are read by each for themselves, and by nobody for others', async () => {
    const [own] = await notifications.list(ANNA, { ...EVERYTHING, types: ['Maintenance'] });
    const [staffs] = await notifications.list(STAFF, EVERYTHING);
    const ids = [own!.id, staffs!.id, 'no-such'];
    expect(await Promise.all([notifications.unread(ANNA), notifications.unread(BEN)])).toEqual([3, 2]);
    expect(await notifications.markRead(ANNA, ids)).toBe(1);
    expect(await notifications.markRead(ANNA, ids)).toBe(0);
    expect(await Promise.all([ANNA, BEN, STAFF].map((each) => notifications.unread(each)))).toEqual([2, 2, 1]);
    expect(await types(ANNA, { unreadOnly: true })).toEqual(['InvoiceIssued acme', 'SignedIn null']);
    const read = await notifications.list(ANNA, { ...EVERYTHING, types: ['Maintenance'] });
    expect(read).toMatchObject([{ isRead: true }]);
  });

  it('come in pages, each once, the newest first', async () => {
    await notifications.put(Array.from({ length: 7 }, (_, index) => notice('HoldSet', 'acme', `hold-${index}`)));
    const ids: string[] = [];
    for (let after: { at: number; id: string } | undefined; ; ) {
      const page = await notifications.list(ANNA, { ...EVERYTHING, limit: 3, ...(after && { after }) });
      if (page.length === 0) break;
      ids.push(...page.map(({ id }) => id));
      after = page.at(-1);
    }
    expect(new Set(ids).size).toBe(10);
    expect(ids).toHaveLength(10);
  });
});

const NOTHING = {
  account: 'acme',
  currency: null,
  numbers: [],
  subscriptions: [],
  adjustments: [],
  redemptions: [],
  mail: [],
  settledAt: null,
  dueAt: null,
  parked: null,
  checkpoint: null,
};

describe('notifications in PostgreSQL', () => {
  const audit = () => createIdentityAudit(createDatabase(pool), TEST_VAULT.personal);
  const entry = {
    uid: 'anna',
    name: 'anna',
    what: 'SignedIn',
    how: 'password',
    actor: 'user:anna',
    from: '::1',
    requestId: 'r1',
  };
  const count = async (table: string) => Number((await pool.query(`select count(*) from ${table}`)).rows[0].count);

  it('of signing in are written with the row of the audit, or neither is', async () => {
    await audit().append(entry);
    expect([await count('audit'), await count('notifications')]).toEqual([1, 1]);
    await pool.query(`alter table notifications add constraint broken check (event <> 'SignedOut/r2')`);
    await expect(audit().append({ ...entry, what: 'SignedOut', requestId: 'r2' })).rejects.toThrow('broken');
    await pool.query('alter table notifications drop constraint broken');
    expect([await count('audit'), await count('notifications')]).toEqual([1, 1]);
  });

  it('of the books are written with the commit, each once; one that was overtaken tells nothing', async () => {
    const books = createBooksStore(createDatabase(pool), TEST_VAULT.personal);
    await books.wake(['acme']);
    const change = (version: number, events: object[], problems: object[] = []) =>
      books.commit({ ...NOTHING, version, facts: { events }, problems } as unknown as BooksChange);
    const declined = { at: 7, code: 'PaymentDeclined', subject: 'INV-1' };
    const gap = { at: 7, code: 'PriceGap', subject: 'vm' };
    expect((await change(0, [declined, { at: 7, code: 'CreditArrived', subject: 'x' }], [gap])).outcome).toBe('done');
    expect((await change(0, [{ ...declined, at: 8 }])).outcome).toBe('conflict');
    expect((await change(1, [], [{ ...gap, at: 9 }])).outcome).toBe('done');
    const { rows } = await pool.query('select scope, target, event, type, detail from notifications order by scope');
    expect(rows).toEqual([
      { scope: 'ACCOUNT', target: 'acme', event: 'PaymentDeclined/INV-1/7', type: 'PaymentDeclined', detail: 'INV-1' },
      { scope: 'SYSTEM', target: '', event: 'acme/PriceGap/vm', type: 'JobProblem', detail: 'acme: PriceGap vm' },
    ]);
  });

  it('are forgotten after a year, and who read them with them', async () => {
    const notifications = createNotifications(createDatabase(pool));
    await notifications.put([notice('SignedIn', 'anna'), notice('SignedIn', 'anna', 'e2')]);
    const ids = (await notifications.list(ANNA, EVERYTHING)).map(({ id }) => id);
    await notifications.markRead(ANNA, ids);
    await pool.query(`update notifications set at = now_ms() - 366 * 86400000::bigint where event = 'e1'`);
    await tidy(pool);
    expect([await count('notifications'), await count('notification_reads')]).toEqual([1, 1]);
  });
});

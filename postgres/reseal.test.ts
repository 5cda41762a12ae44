import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
import { createVault, type Vault } from '../integrations/seal/seal.ts';
import { newMetadata, type StoredObject } from '../reconciler/object.ts';
import { REGISTRY } from '../resources/registry.ts';
import { ANNA } from '../test/contracts/store-fixture.ts';
import { type FreshDatabase, freshDatabase } from '../test/postgres.ts';
import { createAuditChain } from './audit/audit-chain.ts';
import { createDatabase } from './database.ts';
import { createRecords } from './identity/records.ts';
import { openMail, sealedMail } from './personal/mail.ts';
import { createSealedRows } from './personal/rows.ts';
import { createPool } from './pool.ts';
import { reseal } from './reseal.ts';
import { createStore } from './store.ts';

jest.setTimeout(120_000);

const key = (fill: number) => new Uint8Array(32).fill(fill);
const FIRST = createVault({ current: 'k1', keys: { k1: key(1) }, fingerprintKey: key(9) });
const BOTH = createVault({ current: 'k2', keys: { k1: key(1), k2: key(2) }, fingerprintKey: key(9) });
const SECOND = createVault({ current: 'k2', keys: { k2: key(2) }, fingerprintKey: key(9) });

const EMAIL = 'philomena@xanter.example';
const OF = `email:${EMAIL}`;
const SESSION = { id: 's', user: 'philomena', from: '203.0.113.77', agent: 'Zwieselbrowser' };
const MAIL = { event: 'InvoiceIssued/1', recipient: EMAIL, template: 'InvoiceIssued', params: { name: 'Xanter' } };
const KEPT_MS = 400 * 86_400_000;

describe('sealing what is kept', () => {
  let fresh: FreshDatabase;
  let pool: pg.Pool;
  beforeEach(async () => {
    fresh = await freshDatabase();
    pool = createPool({ url: fresh.url });
    const store = createStore(createDatabase(pool), REGISTRY, FIRST.personal);
    await store.write(
      ['u1', 'u2', 'u3'].map((uid) => ({ op: 'create', object: user(uid), uniqueKeys: [] })),
      ANNA,
    );
    await store.savePlan(PLAN);
    const records = createRecords(createDatabase(pool), FIRST.personal);
    const login = { user: 'philomena', uid: 'u1', of: OF };
    await records.insert('login', row(FIRST.personal.index(OF), login));
    await records.insert('session', row('token', SESSION as never));
    await putMail(sealedMail(FIRST.personal, 'acme', MAIL));
  });
  afterEach(async () => {
    await pool.end();
    await fresh.drop();
  });

  const run = ({ personal, current, rewrap, fingerprint: sign }: Vault) =>
    reseal(createDatabase(pool), { rows: createSealedRows(REGISTRY, personal), personal }, { current, rewrap, sign });
  const chain = () => createAuditChain(createDatabase(pool), { sign: FIRST.fingerprint, keptMs: KEPT_MS });
  const putMail = (mail: object) =>
    pool.query(
      `insert into mail_outbox (account, event, recipient, template, params)
       select * from jsonb_to_record($1) as l(account text, event text, recipient text, template text, params jsonb)`,
      [{ account: 'acme', ...mail }],
    );
  /** All that is kept, as text. */
  const kept = async () => {
    const tables = ['objects', 'audit', 'saved_plans', 'identity_records', 'mail_outbox'];
    return JSON.stringify(
      await Promise.all(tables.map(async (name) => (await pool.query(`select * from ${name}`)).rows)),
    );
  };
  /** As a version before this one left it. */
  const inClear = async () => {
    await pool.query(
      `update objects set spec = jsonb_build_object('email', $1::text, 'displayName', 'Philomena Xanter')`,
      [EMAIL],
    );
    await pool.query(
      `update audit set from_where = $2, changes = jsonb_build_array(jsonb_build_object('path', '/email', 'from', null, 'to', $1::text))`,
      [EMAIL, ANNA.from],
    );
    await pool.query(`update saved_plans set plan = $1`, [PLAN]);
    await pool.query(`update identity_records set value = $1 where kind = 'session'`, [SESSION]);
    const legacy = createHmac('sha256', FIRST.fingerprint('identity:blind-index')).update(OF).digest('hex');
    await pool.query(
      `update identity_records set key = $1, value = '{"user": "philomena", "uid": "u1"}' where kind = 'login'`,
      [legacy],
    );
    await pool.query('delete from mail_outbox');
    await putMail(MAIL);
  };
  const opens = async ({ personal }: Vault) => {
    const database = createDatabase(pool);
    const store = createStore(database, REGISTRY, personal);
    const records = createRecords(database, personal);
    const [found] = await store.getByUid(['u1']);
    const [entry] = (await store.audit({ uid: 'u1', limit: 1 })).items;
    const { rows } = await pool.query('select account, event, recipient, template, params from mail_outbox');
    expect(found?.spec).toMatchObject({ email: EMAIL, displayName: 'Philomena Xanter' });
    expect(entry?.row.from).toBe(ANNA.from);
    expect(entry?.row.changes.find(({ path }) => path === '/email')?.to).toBe(EMAIL);
    expect(await store.loadPlan('p1')).toEqual(PLAN);
    expect((await records.get('login', personal.index(OF)))?.value).toEqual({ user: 'philomena', uid: 'u1', of: OF });
    expect((await records.get('session', 'token'))?.value).toEqual(SESSION);
    expect(openMail(personal, rows[0])).toEqual({ recipient: EMAIL, params: MAIL.params });
  };

  it('is done for what an older version kept in clear, once, and the chain of the audit holds', async () => {
    await inClear();
    await chain().seal();
    expect(await kept()).toContain(EMAIL);
    expect(await run(FIRST)).toBeGreaterThan(0);
    const text = await kept();
    for (const value of [EMAIL, 'Xanter', SESSION.from, SESSION.agent, ANNA.from]) expect(text).not.toContain(value);
    await opens(FIRST);
    expect(await chain().verify()).toMatchObject({ rows: 3, broken: null });
    expect(await run(FIRST)).toBe(0);
  });

  it('leaves a row of the audit alone that is not what it was linked as, and shows one that is changed later', async () => {
    await inClear();
    await chain().seal();
    await pool.query(`update audit set actor = 'user:eve' where uid = 'u2'`);
    await run(FIRST);
    const { rows } = await pool.query('select uid from audit where changes::text like $1', [`%${EMAIL}%`]);
    expect(rows).toEqual([{ uid: 'u2' }]);
    expect((await chain().verify()).broken).toMatchObject({ why: 'RowChanged', position: 2 });
    await pool.query(`update audit set actor = $1 where uid = 'u2'`, [ANNA.actor]);
    await run(BOTH);
    expect((await chain().verify()).broken).toBeNull();
    await pool.query(`update audit set actor = 'user:eve' where uid = 'u3'`);
    expect((await chain().verify()).broken).toMatchObject({ why: 'RowChanged', position: 3 });
  });

  it('brings everything under a new key; then the old one is not needed, and the chain is the very same', async () => {
    await chain().seal();
    const { head } = await chain().verify();
    await opens(FIRST);
    expect(await run(BOTH)).toBeGreaterThan(0);
    expect(await kept()).not.toContain(':k1:');
    await opens(BOTH);
    await opens(SECOND);
    expect(await chain().verify()).toMatchObject({ rows: 3, broken: null, head });
  });

  it('finds by the old index until it has come to it', async () => {
    const records = createRecords(createDatabase(pool), BOTH.personal);
    const found = async () =>
      Promise.all(BOTH.personal.indexes(OF).map(async (index) => (await records.get('login', index))?.value.uid));
    expect((await found()).filter((uid) => uid !== undefined)).toEqual(['u1']);
    await run(BOTH);
    expect((await found())[0]).toBe('u1');
  });

  it('takes nothing away that it cannot open', async () => {
    const before = await kept();
    const { rewrap, personal, fingerprint, current } = createVault({
      current: 'k9',
      keys: { k9: key(5) },
      fingerprintKey: key(6),
    });
    await run({ rewrap, personal, fingerprint, current } as Vault);
    expect(await kept()).toBe(before);
  });
});

function user(uid: string): StoredObject {
  return {
    apiVersion: 'steward/v1',
    kind: 'User',
    metadata: newMetadata({
      uid,
      name: uid,
      project: null,
      createdAt: '2026-01-01T00:00:00.000Z',
      createdBy: ANNA.actor,
    }),
    spec: { email: EMAIL, displayName: 'Philomena Xanter' },
    status: { observedGeneration: 0, conditions: [], requests: {}, refs: {}, allocated: {} },
  };
}

function row<Value>(name: string, value: Value) {
  return { key: name, subject: 'u1', value, expiresAt: null };
}

const PLAN = {
  id: 'p1',
  createdAt: 0,
  createdBy: 'user:anna',
  manifests: [{ kind: 'User', metadata: { name: 'u1' }, spec: { email: EMAIL } }],
  deletes: [],
  generations: {},
  source: 'api',
  allowedRisk: 'none' as const,
  shown: {},
};

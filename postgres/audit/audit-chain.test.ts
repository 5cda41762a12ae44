import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
import type { AuditChain } from '../../reconciler/audit-chain.ts';
import { createRegistry } from '../../reconciler/registry.ts';
import { ANNA, wish } from '../../test/contracts/store-fixture.ts';
import { TEST_VAULT } from '../../test/fixtures/vault.ts';
import { type FreshDatabase, freshDatabase } from '../../test/postgres.ts';
import { createDatabase } from '../database.ts';
import { createPool } from '../pool.ts';
import { createStore } from '../store.ts';
import { createAuditChain } from './audit-chain.ts';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
const sign = (key: string) => (text: string) => createHmac('sha256', key).update(text).digest('hex');

describe('the audit trail', () => {
  let fresh: FreshDatabase;
  let pool: pg.Pool;
  let chain: AuditChain;
  beforeEach(async () => {
    fresh = await freshDatabase();
    pool = createPool({ url: fresh.url, max: 6 });
    chain = createAuditChain(createDatabase(pool), { sign: sign('k'), keptMs: 400 * DAY_MS });
  });
  afterEach(async () => {
    await pool.end();
    await fresh.drop();
  });

  async function write(count: number, prefix = 'm'): Promise<void> {
    const store = createStore(createDatabase(pool), createRegistry([]), TEST_VAULT.personal);
    for (let index = 0; index < count; index++)
      await store.write([{ op: 'create', object: wish({ name: `${prefix}-${index}` }), uniqueKeys: [] }], ANNA);
  }
  const third = async () => {
    const { rows } = await pool.query('select at, id from audit_links where position = 3');
    return { at: Number(rows[0].at), id: Number(rows[0].id) };
  };

  it('is linked as it grows, whoever links, and holds', async () => {
    await write(5);
    const other = createAuditChain(createDatabase(pool), { sign: sign('k'), keptMs: 400 * DAY_MS });
    await Promise.all([chain.seal(), other.seal()]);
    await write(3, 'n');
    await Promise.all([chain.seal(), other.seal()]);
    const verdict = await chain.verify();
    expect(verdict).toMatchObject({ rows: 8, broken: null, head: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await chain.seal()).toBe(0);
    expect((await chain.verify()).head).toBe(verdict.head);
  });

  it('links a row that was committed after later ones', async () => {
    const slow = await pool.connect();
    await slow.query('begin');
    await slow.query(
      "insert into audit (at, uid, kind, project, name, actor, from_where, request_id, op, generation, changes) values (now_ms(), 'u', 'Machine', 'shop', 'slow', 'user:anna', 'cli', 'r', 'update', 1, '[]')",
    );
    await write(2);
    await chain.seal();
    await slow.query('commit');
    slow.release();
    expect(await chain.seal()).toBe(1);
    expect(await chain.verify()).toMatchObject({ rows: 3, broken: null });
  });

  it.each([
    ['a row that was changed', "update audit set actor = 'user:eve' where id = $1", 'RowChanged'],
    ['a row that was taken away', 'delete from audit where id = $1', 'RowMissing'],
    ['a link that was taken away', 'delete from audit_links where id = $1', 'LinkMissing'],
  ])('names %s', async (_what, change, why) => {
    await write(6);
    await chain.seal();
    const { at, id } = await third();
    await pool.query(change, [id]);
    const { broken } = await chain.verify();
    expect(broken?.why).toBe(why);
    if (why === 'LinkMissing') expect(broken?.position).toBe(4);
    else expect(broken).toEqual({ position: 3, at, id, why });
  });

  it('names a chain that was cut at its end, or made anew without the key', async () => {
    await write(6);
    await chain.seal();
    await pool.query('delete from audit where id in (select id from audit_links where position > 4)');
    await pool.query('delete from audit_links where position > 4');
    expect((await chain.verify()).broken).toMatchObject({ why: 'EndMissing', position: 6 });

    await pool.query('delete from audit_links');
    await createAuditChain(createDatabase(pool), { sign: sign('guessed'), keptMs: 400 * DAY_MS }).seal();
    expect((await chain.verify()).broken).toMatchObject({ why: 'SealWrong' });
  });

  it('names a row that was written into the past', async () => {
    await write(2);
    await chain.seal();
    await pool.query(`insert into audit (at, uid, kind, project, name, actor, from_where, request_id, op, generation, changes)
      values (now_ms() - ${5 * DAY_MS}, 'u', 'Machine', 'shop', 'forged', 'user:eve', 'cli', 'r', 'update', 1, '[]')`);
    await chain.seal();
    expect((await chain.verify()).broken).toMatchObject({ why: 'RowAdded', position: null });
  });

  it('still holds when retention has taken its beginning', async () => {
    await write(4);
    await chain.seal();
    const short = createAuditChain(createDatabase(pool), { sign: sign('k'), keptMs: 0 });
    await pool.query('delete from audit where id in (select id from audit_links where position <= 2)');
    expect(await short.verify()).toMatchObject({ rows: 2, broken: null });
    await pool.query('delete from audit_links where position <= 2');
    expect(await short.verify()).toMatchObject({ rows: 2, broken: null });
    expect((await chain.verify()).broken).toMatchObject({ why: 'LinkMissing' });
  });
});

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
import { createRegistry } from '../reconciler/registry.ts';
import type { EngineStore, ObjectStore } from '../reconciler/store.ts';
import { ANNA, claimAll, completion, present, wish } from '../test/contracts/store-fixture.ts';
import { TEST_VAULT } from '../test/fixtures/vault.ts';
import { type FreshDatabase, freshDatabase } from '../test/postgres.ts';
import { createDatabase } from './database.ts';
import { createPool } from './pool.ts';
import { tidy } from './retention.ts';
import { createStore } from './store.ts';

jest.setTimeout(60_000);

const DAY = 86_400_000;

describe('tidying', () => {
  let fresh: FreshDatabase;
  let pool: pg.Pool;
  let store: EngineStore & ObjectStore;
  beforeEach(async () => {
    fresh = await freshDatabase();
    pool = createPool({ url: fresh.url });
    store = createStore(createDatabase(pool), createRegistry([]), TEST_VAULT.personal);
  });
  afterEach(async () => {
    await pool.end();
    await fresh.drop();
  });

  const setClock = (ms: number) =>
    pool.query(
      `create or replace function clock_offset_ms() returns bigint language sql stable parallel safe as $$ select ${ms}::bigint $$`,
    );

  /** As if the job had never run here. */
  const dropPartitions = () =>
    pool.query(`do $$ declare name text; begin
      for name in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid where c.relkind = 'r' and c.relname like '%_from_%'
      loop execute 'drop table ' || name; end loop; end $$`);

  const create = (name: string) => store.write([{ op: 'create', object: wish({ name }), uniqueKeys: [] }], ANNA);

  const inDefault = async () =>
    present(
      (await pool.query('select (select count(*) from event_log_rest) + (select count(*) from audit_rest) as count'))
        .rows[0],
    ).count;

  it('makes the partitions of today and the days ahead, and is content the second time', async () => {
    await dropPartitions();
    const first = present(await tidy(pool));
    expect(first.blocked).toEqual([]);
    expect(first.made.filter((name) => name.startsWith('event_log_from_'))).toHaveLength(8);
    expect(await tidy(pool)).toMatchObject({ made: [], dropped: [], blocked: [] });
    await create('web');
    expect(await inDefault()).toBe(0);
  });

  it('drops what outlived its time, and tells those who read from there that it is too late', async () => {
    await tidy(pool);
    const since = await store.position();
    await create('web');
    await setClock(5 * DAY);
    await tidy(pool);
    await create('db');
    expect(await inDefault()).toBe(0);
    const dropped = present(await tidy(pool)).dropped;
    expect(dropped).toEqual([]);
    expect(await store.changes({ since, limit: 10 })).toEqual({ tooOld: true });
    const position = await store.position();
    await create('late');
    expect(await store.changes({ since: position, limit: 10 })).toMatchObject({ tooOld: false });
    expect((await store.audit({ limit: 10 })).items).toHaveLength(3);
    await setClock(500 * DAY);
    expect(present(await tidy(pool)).dropped.length).toBeGreaterThan(2);
    expect((await store.audit({ limit: 10 })).items).toEqual([]);
    expect((await store.countByKind()).Machine).toBe(3);
  });

  it('leaves rows readable that came before their partition, and clears them when their time has come', async () => {
    await dropPartitions();
    await create('early');
    expect(await inDefault()).toBe(2);
    const tidied = present(await tidy(pool));
    expect(tidied.blocked).toHaveLength(2);
    expect((await store.audit({ limit: 10 })).items).toHaveLength(1);
    await setClock(500 * DAY);
    expect(present(await tidy(pool)).forgotten).toBeGreaterThanOrEqual(2);
    expect(await inDefault()).toBe(0);
  });

  it('forgets tombstones, receipts and saved plans in their time', async () => {
    await create('web');
    const [claim] = await claimAll({ store } as never);
    await store.complete([completion(present(claim), { remove: true })]);
    await store.savePlan({
      id: 'p',
      createdAt: 0,
      createdBy: 'anna',
      manifests: [],
      deletes: [],
      generations: {},
      source: 'cli',
      allowedRisk: 'none',
      shown: {},
    });
    await tidy(pool);
    expect(await store.operation(present(claim).uid)).toBeDefined();
    expect(await store.loadPlan('p')).toBeDefined();
    await setClock(8 * DAY);
    await tidy(pool);
    const { rows } = await pool.query(
      'select (select count(*) from tombstones) + (select count(*) from receipts) + (select count(*) from saved_plans) as count',
    );
    expect(rows[0].count).toBe(0);
  });

  it('is done by one instance at a time', async () => {
    const client = await pool.connect();
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock(7236837233)');
    expect(await tidy(pool)).toBeNull();
    await client.query('rollback');
    client.release();
    expect(await tidy(pool)).not.toBeNull();
  });
});

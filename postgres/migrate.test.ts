import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
import { createRegistry } from '../reconciler/registry.ts';
import { ANNA, wish } from '../test/contracts/store-fixture.ts';
import { TEST_VAULT } from '../test/fixtures/vault.ts';
import { emptyDatabase, type FreshDatabase } from '../test/postgres.ts';
import { migrate, readMigrations } from './migrate.ts';
import { openStore } from './open-store.ts';
import { createPool } from './pool.ts';

jest.setTimeout(60_000);

describe('migrating', () => {
  let fresh: FreshDatabase;
  let pool: pg.Pool;
  beforeEach(async () => {
    fresh = await emptyDatabase();
    pool = createPool({ url: fresh.url });
  });
  afterEach(async () => {
    await pool.end();
    await fresh.drop();
  });

  /** As if a newer version of the code had been here. */
  async function migrateFurther(minWriter: number): Promise<number> {
    const version = (await readMigrations()).length + 1;
    await pool.query('insert into migrations (version, sha256, min_writer) values ($1, $2, $3)', [
      version,
      'newer',
      minWriter,
    ]);
    return version;
  }

  it('makes an empty database current, and a second time finds nothing to do', async () => {
    const known = await readMigrations();
    const version = known.length;
    expect(await migrate(pool)).toEqual({
      state: 'current',
      version,
      applied: known.map((migration) => migration.version),
    });
    expect(await migrate(pool)).toEqual({ state: 'current', version, applied: [] });
  });

  it('is done once by many who start at the same time', async () => {
    const results = await Promise.all([1, 2, 3, 4].map(() => migrate(pool)));
    expect(results.filter((result) => result.state === 'current' && result.applied.length > 0)).toHaveLength(1);
  });

  it('refuses a database on which a changed migration was applied', async () => {
    await migrate(pool);
    await pool.query("update migrations set sha256 = 'other' where version = 1");
    await expect(migrate(pool)).rejects.toThrow('Migration 1 was changed after it had been applied');
  });

  it('lets an older instance write where the newer one allows it', async () => {
    await migrate(pool);
    const version = await migrateFurther(1);
    expect(await migrate(pool)).toEqual({ state: 'newer', version });
  });

  it('lets an instance that is too old only read', async () => {
    const registry = createRegistry([]);
    const before = await openStore({ url: fresh.url, registry, personal: TEST_VAULT.personal });
    await before.store.write([{ op: 'create', object: wish({ name: 'web' }), uniqueKeys: [] }], ANNA);
    await before.close();
    const version = await migrateFurther((await readMigrations()).length + 1);
    const { store, migration, tidy, close } = await openStore({
      url: fresh.url,
      registry,
      personal: TEST_VAULT.personal,
    });
    expect(migration).toEqual({ state: 'readOnly', version, minWriter: version });
    expect((await store.list({ kind: 'Machine', orderBy: 'name', limit: 10 })).items).toHaveLength(1);
    await expect(store.write([{ op: 'create', object: wish({ name: 'db' }), uniqueKeys: [] }], ANNA)).rejects.toThrow(
      'too old to write',
    );
    expect(await store.claim({ shards: [...Array(64).keys()], limit: 10, leaseMs: 1_000, holder: 'old' })).toEqual([]);
    expect(await tidy()).toBeNull();
    await close();
  });

  it('changes nothing when it fails on the way', async () => {
    await pool.query('create table steps (in_the_way int)');
    await expect(migrate(pool)).rejects.toThrow('already exists');
    const { rows } = await pool.query(
      "select to_regclass('objects') as objects, to_regclass('migrations') as migrations",
    );
    expect(rows).toEqual([{ objects: null, migrations: null }]);
  });
});

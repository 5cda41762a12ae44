import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
import { createRegistry } from '../reconciler/registry.ts';
import type { ListQuery } from '../reconciler/store.ts';
import { ANNA, wish } from '../test/contracts/store-fixture.ts';
import { TEST_VAULT } from '../test/fixtures/vault.ts';
import { type FreshDatabase, freshDatabase } from '../test/postgres.ts';
import { createDatabase, type Database } from './database.ts';
import { createPool } from './pool.ts';
import { createStore } from './store.ts';

jest.setTimeout(60_000);

const MACHINES: ListQuery = { kind: 'Machine', orderBy: 'name', limit: 10 };

/** Two instances on one database; what the first one reads is noted. */
describe('lists that were read before', () => {
  let fresh: FreshDatabase;
  let pool: pg.Pool;
  let read: string[];
  let mine: ReturnType<typeof createStore>;
  let theirs: ReturnType<typeof createStore>;
  beforeEach(async () => {
    fresh = await freshDatabase();
    pool = createPool({ url: fresh.url });
    const database = createDatabase(pool);
    read = [];
    const noted: Database = {
      ...database,
      run: (statement, values) => {
        read.push(statement.name.replace(/^list_.*/, 'list'));
        return database.run(statement, values);
      },
    };
    mine = createStore(noted, createRegistry([]), TEST_VAULT.personal);
    theirs = createStore(database, createRegistry([]), TEST_VAULT.personal);
  });
  afterEach(async () => {
    await pool.end();
    await fresh.drop();
  });

  const add = async (name: string, kind = 'Machine') => {
    const object = wish({ name, kind });
    const outcome = await theirs.write([{ op: 'create', object, uniqueKeys: [] }], ANNA);
    expect(outcome.ok).toBe(true);
  };
  const names = async (query: Partial<ListQuery> = {}) => {
    read.splice(0);
    return (await mine.list({ ...MACHINES, ...query })).items.map(({ object }) => object.metadata.name);
  };

  it('cost one look at the log while nothing of their kind changes, for all who wait together', async () => {
    await add('a');
    await names();
    await names();
    await add('h', 'Host');
    expect(await names()).toEqual(['a']);
    expect(read).toEqual(['changed_kinds']);
    const together = await Promise.all(Array.from({ length: 20 }, () => mine.list(MACHINES)));
    expect(together.every(({ items }) => items.length === 1)).toBe(true);
    expect(read.filter((name) => name !== 'changed_kinds')).toEqual([]);
    expect(read.length).toBeLessThan(10);
  });

  it('show at once what another instance did', async () => {
    for (const name of ['a', 'b', 'c']) {
      await add(name);
      expect((await names()).at(-1)).toBe(name);
      expect(await names({ namePrefix: name })).toEqual([name]);
      expect((await names({ namePrefix: name })).at(-1)).toBe(name);
    }
    const [first] = (await mine.list(MACHINES)).items;
    const { object } = first as { object: ReturnType<typeof wish> };
    const renamed = { ...object, metadata: { ...object.metadata, labels: { new: 'yes' } } };
    await theirs.write(
      [{ op: 'update', object: renamed, expect: object.metadata.resourceVersion, uniqueKeys: [] }],
      ANNA,
    );
    expect((await mine.list(MACHINES)).items[0]?.object.metadata.labels).toEqual({ new: 'yes' });
  });

  it('show what a transaction does that began before they were read and ends after', async () => {
    await add('a');
    const slow = await pool.connect();
    try {
      await slow.query('begin');
      await slow.query(`update objects set name = 'z'`);
      await slow.query(
        `insert into event_log (uid, kind, project, name, removed) select uid, kind, project, name, false from objects`,
      );
      await add('b');
      for (let round = 0; round < 3; round++) expect(await names()).toEqual(['a', 'b']);
      await slow.query('commit');
    } finally {
      slow.release();
    }
    // The column that orders the list has another name now, the object itself does not.
    expect(await names()).toEqual(['b', 'a']);
  });

  it('by reference are read each time: they change with what they refer to', async () => {
    await add('a');
    await names({ refersTo: 'nothing' });
    expect(await names({ refersTo: 'nothing' })).toEqual([]);
    expect(read).toEqual(['list']);
  });
});

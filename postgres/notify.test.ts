import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
import { createRegistry } from '../reconciler/registry.ts';
import type { EngineStore, ObjectStore } from '../reconciler/store.ts';
import { ANNA, claimAll, completion, ready, wish } from '../test/contracts/store-fixture.ts';
import { TEST_VAULT } from '../test/fixtures/vault.ts';
import { type FreshDatabase, freshDatabase } from '../test/postgres.ts';
import { type Channel, createDatabase } from './database.ts';
import { type Listener, listen } from './notify.ts';
import { createPool } from './pool.ts';
import { createStore } from './store.ts';

jest.setTimeout(60_000);

describe('wake-ups', () => {
  let fresh: FreshDatabase;
  let pool: pg.Pool;
  let store: EngineStore & ObjectStore;
  let listener: Listener;
  let heard: Channel[];
  let waiting: (() => void)[];
  beforeEach(async () => {
    fresh = await freshDatabase();
    pool = createPool({ url: fresh.url });
    store = createStore(createDatabase(pool), createRegistry([]), TEST_VAULT.personal);
    heard = [];
    waiting = [];
    listener = await listen({
      url: fresh.url,
      onWake: (channel) => {
        heard.push(channel);
        for (const wake of waiting.splice(0)) wake();
      },
    });
    heard.splice(0);
  });
  afterEach(async () => {
    await listener.close();
    await pool.end();
    await fresh.drop();
  });

  async function hear(channels: readonly Channel[]): Promise<void> {
    while (!channels.every((channel) => heard.includes(channel))) {
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }

  const create = (name: string) => store.write([{ op: 'create', object: wish({ name }), uniqueKeys: [] }], ANNA);

  it('come once a commit, for the queue and for those who watch', async () => {
    await create('web');
    await hear(['steward_queue', 'steward_changes']);
    expect(heard).toHaveLength(2);
  });

  it('tell of a changed status, and keep quiet about a pass that found nothing to do', async () => {
    await create('web');
    await hear(['steward_queue', 'steward_changes']);
    const [claim] = await claimAll({ store } as never);
    if (!claim) throw new Error('The new object is due.');
    heard.splice(0);
    await store.complete([completion(claim)]);
    await store.wake([claim.uid]);
    const [again] = await claimAll({ store } as never);
    if (!again) throw new Error('It was woken.');
    await store.complete([completion(again, { status: ready(1) })]);
    await hear(['steward_changes']);
    expect(heard).toEqual(['steward_queue', 'steward_changes']);
  });

  it('come back after the connection was lost, with one of each to catch up', async () => {
    await pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'steward listener' and datname = current_database()`,
    );
    await hear(['steward_queue', 'steward_changes']);
    heard.splice(0);
    await create('web');
    await hear(['steward_queue', 'steward_changes']);
  });
});

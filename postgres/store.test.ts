import { jest } from '@jest/globals';
import type { Registry } from '../reconciler/registry.ts';
import { describeStore, type StoreUnderTest } from '../test/contracts/store.ts';
import { TEST_VAULT } from '../test/fixtures/vault.ts';
import { freshDatabase } from '../test/postgres.ts';
import { createDatabase } from './database.ts';
import { createPool } from './pool.ts';
import { createStore } from './store.ts';

jest.setTimeout(60_000);

async function makeStore(registry: Registry): Promise<StoreUnderTest> {
  const fresh = await freshDatabase();
  const pool = createPool({ url: fresh.url });
  let offset = 0;
  return {
    store: createStore(createDatabase(pool), registry, TEST_VAULT.personal),
    advance: async (ms) => {
      offset += ms;
      await pool.query(
        `create or replace function clock_offset_ms() returns bigint language sql stable parallel safe as $$ select ${offset}::bigint $$`,
      );
    },
    forgetChanges: async () => {
      await pool.query('update event_log_floor set xid = pg_snapshot_xmin(pg_current_snapshot()), id = 0');
      await pool.query('truncate event_log');
    },
    coverage: async (place) => {
      const { rows } = await pool.query('select from_at, to_at from coverage where place = $1 order by from_at', [
        place,
      ]);
      return rows.map((row) => ({ from: row.from_at, to: row.to_at }));
    },
    close: async () => {
      await pool.end();
      await fresh.drop();
    },
  };
}

describeStore('the PostgreSQL store', makeStore);

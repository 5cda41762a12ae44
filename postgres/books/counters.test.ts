import { afterAll, beforeAll, describe, jest } from '@jest/globals';
import { rational } from '../../billing/money/rational.ts';
import { type CountersUnderTest, describeCounterStore } from '../../test/contracts/counters.ts';
import { freshDatabase } from '../../test/postgres.ts';
import { createDatabase } from '../database.ts';
import { createPool } from '../pool.ts';
import { createCounterStore } from './counters.ts';

jest.setTimeout(120_000);

describe('in PostgreSQL', () => {
  let under: CountersUnderTest & { close(): Promise<void> };
  beforeAll(async () => {
    const fresh = await freshDatabase();
    const pool = createPool({ url: fresh.url });
    const database = createDatabase(pool);
    let offset = 0;
    under = {
      store: createCounterStore(database),
      usage: async (account) => {
        const { rows } = await pool.query(
          `select id, meter, resource, from_at::float8 as "from", to_at::float8 as "to", trunc(quantity)::text as quantity, attributes,
            recorded_at::float8 as "recordedAt", supersedes from usage_windows where account = $1 and source = 'counters'`,
          [account],
        );
        return rows.map((row) => ({ ...row, quantity: rational(BigInt(row.quantity)) }));
      },
      advance: async (ms) => {
        offset += ms;
        await pool.query(
          `create or replace function clock_offset_ms() returns bigint language sql stable parallel safe as $$ select ${offset}::bigint $$`,
        );
      },
      close: async () => {
        await pool.end();
        await fresh.drop();
      },
    };
  });
  afterAll(() => under.close());
  describeCounterStore(() => under, { runs: 25 });
});

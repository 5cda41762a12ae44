import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { rational } from '../../billing/money/rational.ts';
import type { CounterMove } from '../../billing/usage/counters/counter-store.ts';
import { bookSlots } from '../../billing/usage/counters/sample.ts';
import { type CountersUnderTest, describeCounterStore } from '../../test/contracts/counters.ts';
import { freshDatabase } from '../../test/postgres.ts';
import { createDatabase, type Database } from '../database.ts';
import { createPool } from '../pool.ts';
import { audit } from './audit.ts';
import { createCounterStore } from './counters.ts';

jest.setTimeout(120_000);

const DAY = 86_400_000;
const counted = ({ uid }: { uid: string }): CounterMove => ({
  uid,
  meter: 'network.bytes.sent',
  device: 'eth0',
  epoch: '1',
  value: 100n,
  account: 'acme',
  attributes: {},
  expected: 0,
  quantity: 100n,
});

describe('in PostgreSQL', () => {
  let under: CountersUnderTest & { database: Database; close(): Promise<void> };
  beforeAll(async () => {
    const fresh = await freshDatabase();
    const pool = createPool({ url: fresh.url });
    const database = createDatabase(pool);
    let offset = 0;
    under = {
      database,
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

  it('that are read and not booked for days are found by the audit', async () => {
    const waiting = async () =>
      (await audit(under.database, await under.store.now()))
        .filter(({ check }) => check === 'what was counted is not booked')
        .map(({ account, detail }) => [account, detail]);
    await under.store.move([counted({ uid: 'vm-audited' })]);
    await under.advance(3 * DAY);
    // Nobody has counted anything since: that is another matter.
    expect(await waiting()).toEqual([]);
    await under.store.move([counted({ uid: 'vm-next' })]);
    expect(await waiting()).toEqual([['acme', 'network.bytes.sent of vm-audited: 100 at eth0']]);
    await bookSlots(under.store, DAY);
    expect(await waiting()).toEqual([]);
  });
});

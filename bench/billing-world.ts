import type { Pool } from 'pg';
import type { AccountWishes, LoopPorts } from '../billing/loop/account-loop.ts';
import type { BooksStore } from '../billing/loop/books-store.ts';
import type { Wish } from '../billing/wish/wish.ts';
import { createBooksReader } from '../postgres/books/reader.ts';
import { createBooksStore } from '../postgres/books/store.ts';
import { createDatabase } from '../postgres/database.ts';
import { migrate } from '../postgres/migrate.ts';
import { billed, wish } from '../test/contracts/books-fixture.ts';
import { TEST_VAULT } from '../test/fixtures/vault.ts';

export interface World {
  pool: Pool;
  store: BooksStore;
  reader: ReturnType<typeof createBooksReader>;
  ports: LoopPorts;
  advance(ms: number): Promise<void>;
}

export const LINES = 20;

/** Twenty monthly fees. */
const FEES = Array.from({ length: LINES }, (_, index) => ({ name: `fee-${index}` }));
export const CATALOG: readonly Wish[] = [
  wish('Meter', 'running', { product: 'hours', aggregate: 'LEVEL', rules: [{ usage: 'vm.running' }] }),
  wish('Bundle', 'twenty', { charges: FEES }),
  wish('Bundle', 'metered', { charges: [{ name: 'hours', type: 'USAGE', product: 'hours' }] }),
  wish('RateCard', 'list', {
    revisions: [
      {
        from: '2020-01-01',
        prices: Object.fromEntries([...FEES.map(({ name }) => [name, '3.00']), ['hours', '0.10']]),
      },
    ],
  }),
];

export async function openBench(pool: Pool): Promise<World> {
  await migrate(pool);
  const database = createDatabase(pool);
  const store = createBooksStore(database, TEST_VAULT.personal);
  let offset = 0;
  return {
    pool,
    store,
    reader: createBooksReader(database),
    ports: {
      store,
      wishes: { of: async (name) => wishesOf(name) },
      holds: { obey: async () => undefined },
      passed: async () => undefined,
    },
    advance: async (ms) => {
      offset += ms;
      await pool.query(
        `create or replace function clock_offset_ms() returns bigint language sql stable parallel safe as $$ select ${offset}::bigint $$`,
      );
    },
  };
}

/** Accounts whose name begins with "metered" are billed by the hour. */
function wishesOf(name: string): AccountWishes {
  const bundle = name.startsWith('metered') ? 'metered' : 'twenty';
  const own = [wish('Subscription', 'shop/web', { bundle, resources: ['vm-1'] })];
  return { account: billed(name), catalog: CATALOG, own, recipients: ['a@acme.example'] };
}

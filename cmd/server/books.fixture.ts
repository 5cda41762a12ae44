import { createBooksReader } from '../../postgres/books/reader.ts';
import { createBooksStore } from '../../postgres/books/store.ts';
import { createDatabase } from '../../postgres/database.ts';
import { createPool } from '../../postgres/pool.ts';
import { createStore } from '../../postgres/store.ts';
import { type Admission, applyManifests } from '../../reconciler/admission/apply.ts';
import type { Registry } from '../../reconciler/registry.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { testSealer } from '../../test/fixtures/sealer.ts';
import { TEST_VAULT } from '../../test/fixtures/vault.ts';
import { freshDatabase } from '../../test/postgres.ts';
import { type BooksParts, openBooks } from './books.ts';
import { systemEnvironment } from './environment.ts';
import { heldReview } from './held-review.ts';

export const ANNA = { actor: 'user:anna', onBehalfOf: null, from: 'test', requestId: 'r1' };

/** The books over a real database with the real kinds, on a clock that the test moves. */
export async function booksOnPostgres(parts: Partial<BooksParts> = {}) {
  const fresh = await freshDatabase();
  const pool = createPool({ url: fresh.url });
  const database = createDatabase(pool);
  const store = createStore(database, REGISTRY, TEST_VAULT.personal);
  const books = createBooksStore(database, TEST_VAULT.personal);
  const booksReader = createBooksReader(database);
  const admission: Admission = {
    registry: REGISTRY as Registry,
    store,
    environment: systemEnvironment,
    sealer: testSealer,
    review: heldReview({ registry: REGISTRY as Registry, books }),
  };
  const errors: unknown[] = [];
  const open = openBooks({
    store,
    books,
    booksReader,
    mine: () => true,
    passed: () => undefined,
    onError: (error) => errors.push(error),
    ...parts,
  });
  let offset = 0;
  return {
    url: fresh.url,
    pool,
    store,
    books,
    admission,
    open,
    /** Another worker over the same books. */
    another: () =>
      openBooks({
        store,
        books: createBooksStore(database, TEST_VAULT.personal),
        booksReader,
        mine: () => false,
        onError: (error) => errors.push(error),
      }),
    errors,
    apply: async (manifests: readonly { kind: string; name: string; project?: string; spec: object }[]) => {
      const outcome = await applyManifests(admission, {
        manifests: manifests.map(({ kind, name, project, spec }) => ({
          kind,
          metadata: { name, ...(project === undefined ? {} : { project }) },
          spec: spec as never,
        })),
        principal: ANNA,
        source: 'test',
        takeOver: false,
      });
      if (!outcome.ok) throw new Error(JSON.stringify(outcome.issues));
    },
    /** Everything that is due now, and what that makes due. */
    settle: async () => {
      for (let rounds = 0; rounds < 50; rounds += 1) {
        await open.round();
        const next = await books.nextDueAt();
        if (next === null || next > (await books.now())) return;
      }
    },
    advance: async (ms: number) => {
      offset += ms;
      await pool.query(
        `create or replace function clock_offset_ms() returns bigint language sql stable parallel safe as $$ select ${offset}::bigint $$`,
      );
    },
    rows: async (sql: string, values: unknown[] = []) => (await pool.query(sql, values)).rows,
    close: async () => {
      await pool.end();
      await fresh.drop();
    },
  };
}

/** A seller, a price list and a customer with one subscription: 30.00 a month, and 0.10 an hour that its machine runs. */
export const SHOP = [
  { kind: 'Meter', name: 'hours', spec: { product: 'hours', aggregate: 'LEVEL', rules: [{ usage: 'vm.running' }] } },
  {
    kind: 'Bundle',
    name: 'starter',
    spec: { charges: [{ name: 'fee' }, { name: 'hours', type: 'USAGE' }] },
  },
  {
    kind: 'RateCard',
    name: 'public',
    spec: { currency: 'EUR', revisions: [{ prices: { fee: '30.00', hours: '0.10' } }] },
  },
  { kind: 'Catalog', name: 'public', spec: { bundles: ['starter'], rateCards: ['public'] } },
  { kind: 'Channel', name: 'direct', spec: { catalog: 'public', seller: { name: 'Example Cloud Ltd' } } },
  {
    kind: 'Account',
    name: 'acme',
    spec: { channel: 'direct', currency: 'EUR', ownerEmail: 'a@acme.example', zone: 'UTC' },
  },
  { kind: 'Project', name: 'shop', spec: { account: 'acme' } },
  { kind: 'Subscription', name: 'web', project: 'shop', spec: { bundle: 'starter' } },
];

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { BooksStore } from '../../billing/loop/books-store.ts';
import { compacted } from '../../billing/loop/compaction.ts';
import type { UsageWindow } from '../../billing/usage/window.ts';
import { loaded } from '../../test/contracts/books-fixture.ts';
import { TEST_VAULT } from '../../test/fixtures/vault.ts';
import { freshDatabase } from '../../test/postgres.ts';
import { createDatabase } from '../database.ts';
import { createPool } from '../pool.ts';
import { createBooksStore } from './store.ts';

jest.setTimeout(120_000);

/** Instants are few, so that windows begin, end and become known at cuts, and next to them. */
const INSTANTS = 40;
const instant = fc.integer({ min: 0, max: INSTANTS });

/** One after the other on its resource, some of no length; recorded at any time, even before they began. */
const window = fc.record({
  pause: fc.integer({ min: 0, max: 2 }),
  length: fc.integer({ min: 0, max: 9 }),
  resource: fc.constantFrom('vm-1', 'vm-2'),
  meter: fc.constantFrom('vm.running', 'vm.running', 'vm.running', 'network.bytes.sent', 'backup.single'),
  size: fc.constantFrom('small', 'small', 'large'),
  millis: fc.integer({ min: 0, max: 5_000 }),
  recordedAt: fc.constantFrom(0, 20, 40),
  replaces: fc.boolean(),
});

type Drawn = typeof window extends fc.Arbitrary<infer Of> ? Of : never;

const compaction = fc.record({
  levels: fc.constantFrom([], ['vm.running'], ['vm.running']),
  sums: fc.constantFrom([], ['network.bytes.sent']),
  cuts: fc.uniqueArray(instant, { maxLength: 6 }).map((cuts) => [...new Set([0, ...cuts])].toSorted((a, b) => a - b)),
  knownBy: fc.constantFrom(19, 20, 40),
});

function rowsOf(windows: readonly Drawn[], account: string) {
  const ends = new Map<string, number>();
  return windows.map(({ pause, length, size, millis, replaces, resource: name, ...rest }, index) => {
    // What is observed is known by its uid, which is one account's only.
    const resource = `${account}/${name}`;
    const from = (ends.get(resource) ?? 0) + pause;
    const to = from + length;
    ends.set(resource, to);
    const id = `${account}/${index}`;
    const source = name === 'vm-1' ? 'journal' : 'meterd';
    const supersedes = replaces ? `${id}-before` : null;
    return {
      ...rest,
      source,
      id,
      account,
      resource,
      from,
      to,
      quantity: `${millis / 1000}`,
      attributes: { size },
      supersedes,
    };
  });
}

const textsOf = (found: readonly UsageWindow[]) =>
  found
    .map((each) => JSON.stringify(Object.entries(each).toSorted(), (_, of) => (typeof of === 'bigint' ? `${of}` : of)))
    .toSorted();

describe('usage that a database adds up', () => {
  let store: BooksStore;
  let insert: (rows: unknown[]) => Promise<unknown>;
  let close: () => Promise<void>;
  beforeAll(async () => {
    const fresh = await freshDatabase();
    const pool = createPool({ url: fresh.url });
    store = createBooksStore(createDatabase(pool), TEST_VAULT.personal);
    insert = (rows) =>
      pool.query(
        `insert into usage_windows (source, id, account, meter, resource, from_at, to_at, quantity, attributes, recorded_at, supersedes)
        select x.* from jsonb_to_recordset($1::jsonb) as x(source text, id text, account text, meter text, resource text, "from" bigint,
          "to" bigint, quantity numeric, attributes jsonb, "recordedAt" bigint, supersedes text)`,
        [JSON.stringify(rows)],
      );
    close = async () => {
      await pool.end();
      await fresh.drop();
    };
  });
  afterAll(() => close());

  it('is what the compaction in memory comes to, to the last row and digit', async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(window, { minLength: 1, maxLength: 40, size: 'max' }),
        compaction,
        async (windows, wanted) => {
          const account = `acme-${++runs}`;
          await insert(rowsOf(windows, account));
          const expected = compacted((await loaded(store, account)).usage, wanted);
          expect(textsOf(await store.usage(account, wanted))).toEqual(textsOf(expected));
        },
      ),
      { numRuns: 120 },
    );
  });
});

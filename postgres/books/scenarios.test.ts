import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { parse } from 'yaml';
import { FOREVER } from '../../billing/calendar/interval.ts';
import { asBooks, type BooksStore } from '../../billing/loop/books-store.ts';
import { decodeFacts, encodeFacts } from '../../billing/loop/fact-json.ts';
import { numbersNeeded } from '../../billing/loop/numbering.ts';
import { unchanged } from '../../billing/loop/parked.ts';
import { added, changedSubscriptions, drafts } from '../../billing/loop/pass.ts';
import { parseScenario, type Scenario } from '../../billing/scenario/parse.ts';
import { printBooks } from '../../billing/scenario/print.ts';
import { emptyBooks, play, run } from '../../billing/scenario/run.ts';
import type { Books } from '../../billing/settle/books.ts';
import { TEST_VAULT } from '../../test/fixtures/vault.ts';
import { type FreshDatabase, freshDatabase } from '../../test/postgres.ts';
import { createDatabase } from '../database.ts';
import { createPool } from '../pool.ts';
import { audit } from './audit.ts';
import { createBooksStore } from './store.ts';

jest.setTimeout(120_000);

const folder = fileURLToPath(new URL('../../billing/scenarios', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

/** Every step is committed to the tables and read back from there: their keys, constraints and triggers hold what the scenarios are about. */
describe('scenarios through the tables', () => {
  let fresh: FreshDatabase;
  let pool: ReturnType<typeof createPool>;
  // Each has the numbers of the installation for itself.
  beforeEach(async () => {
    fresh = await freshDatabase();
    pool = createPool({ url: fresh.url });
  });
  afterEach(async () => {
    await pool.end();
    await fresh.drop();
  });
  it.each(files)('%s: the same documents as in memory', async (name) => {
    const scenario = read(name);
    const end = scenario.steps.at(-1)?.at ?? 0;
    const store = createBooksStore(createDatabase(pool), TEST_VAULT.personal);
    const books = await throughTables(store, scenario, name);
    expect(printBooks(books, end)).toEqual(printBooks(run(scenario), end));
    expect(await audit(createDatabase(pool), end)).toEqual([]);
  });
});

async function throughTables(store: BooksStore, scenario: Scenario, account: string): Promise<Books> {
  const empty = emptyBooks(scenario);
  let before: Books = { ...empty, account: { ...empty.account, name: account, series: drafts(empty) } };
  let [kept] = await store.load([account]);
  const steps = play(before, scenario, true);
  for (let next = steps.next(); ; ) {
    if (next.done) return next.value;
    const { books, charges, at } = next.value;
    if (kept === undefined) throw new Error(`There are no books of ${account}.`);
    const change = {
      ...unchanged(kept),
      currency: books.account.currency,
      facts: added(before, books),
      numbers: numbersNeeded(books, Object.values(empty.account.series)),
      subscriptions: changedSubscriptions(kept.subscriptions, books.subscriptions),
      settledAt: at,
      // The scenario says when somebody looks.
      dueAt: FOREVER,
    };
    const result = await store.commit(change);
    if (result.outcome !== 'done') throw new Error('Nobody else changes these books.');
    expect(await store.commit(change)).toEqual({ outcome: 'conflict' });
    const real = <Value>(value: Value) =>
      decodeFacts(
        [...result.numbers].reduce((text, [draft, number]) => text.replaceAll(draft, number), encodeFacts(value)),
      ) as Value;
    const memory = real(books);
    [kept] = await store.load([account]);
    if (kept === undefined) throw new Error(`There are no books of ${account}.`);
    const { account: wished, catalog, budgets } = memory;
    const { ledger, events, usage } = memory;
    before = {
      ...memory,
      ...asBooks(kept, { account: { ...wished, series: books.account.series }, catalog, budgets }),
      ledger,
      events,
      usage,
      levels: memory.levels,
      coverage: memory.coverage,
      recognitions: memory.recognitions,
      counters: [],
    };
    next = steps.next({
      books: before,
      charges: { attempts: real(charges.attempts), moved: new Set(real([...charges.moved])) },
    });
  }
}

function read(name: string): Scenario {
  const result = parseScenario(parse(readFileSync(`${folder}/${name}`, 'utf8')));
  if ('faults' in result) throw new Error(result.faults.join('\n'));
  return result.scenario;
}

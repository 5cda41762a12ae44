import type { Pool } from 'pg';
import { FOREVER, type Instant } from '../../billing/calendar/interval.ts';
import { asBooks, type BooksChange, type BooksStore, type KeptBooks } from '../../billing/loop/books-store.ts';
import { decodeFacts, encodeFacts } from '../../billing/loop/fact-json.ts';
import { numbersNeeded } from '../../billing/loop/numbering.ts';
import { unchanged } from '../../billing/loop/parked.ts';
import { added, changedSubscriptions, drafts } from '../../billing/loop/pass.ts';
import type { Scenario } from '../../billing/scenario/parse.ts';
import { emptyBooks, play, type Standing } from '../../billing/scenario/run.ts';
import type { BilledAccount, Books } from '../../billing/settle/books.ts';
import type { PersonalSeal } from '../../reconciler/personal.ts';
import { createDatabase, type Database } from '../database.ts';
import { audit } from './audit.ts';
import { createBooksStore } from './store.ts';

/** What came out of the tables, and each promise that was broken, as a sentence. */
export interface PlayedThroughTables {
  books: Books;
  broken: string[];
}

/**
 * Plays a scenario as memory does, but every step is committed to the tables and read back from there: their keys, constraints and triggers
 * hold what it is about. Each commit is lost on its way first, with its connection, and must leave nothing; made once more it must be
 * refused. Usage stays in memory. The database must be migrated and empty.
 */
export async function playThroughTables(
  { pool, personal }: { pool: Pool; personal: PersonalSeal },
  scenario: Scenario,
): Promise<PlayedThroughTables> {
  const database = createDatabase(pool);
  const tables: Tables = {
    store: createBooksStore(database, personal),
    dying: createBooksStore(dying(pool), personal),
    broken: [],
  };
  const empty = emptyBooks(scenario);
  const { account } = empty;
  let before: Books = { ...empty, account: { ...account, series: drafts(empty) } };
  let kept = await loaded(tables.store, account.name);
  const steps = play(before, scenario, true);
  let next = steps.next();
  while (!next.done) {
    const change = changeOf({ kept, before, account }, next.value);
    const numbers = await committed(tables, { kept, change });
    kept = await loaded(tables.store, account.name);
    const stands = numbered(next.value, numbers);
    before = readBack(stands.books, { kept, series: next.value.books.account.series });
    next = steps.next({ books: before, charges: stands.charges });
  }
  const findings = await audit(database, scenario.steps.at(-1)?.at ?? 0);
  const told = findings.map(({ check, detail }) => `the audit of the tables finds ${check}: ${detail}`);
  return { books: next.value, broken: [...tables.broken, ...told] };
}

interface Tables {
  store: BooksStore;
  /** Whose commits never arrive. */
  dying: BooksStore;
  broken: string[];
}

interface Ground {
  kept: KeptBooks;
  before: Books;
  /** With the series that real numbers come from. */
  account: BilledAccount;
}

function changeOf({ kept, before, account }: Ground, { books, at }: { books: Books; at: Instant }): BooksChange {
  return {
    ...unchanged(kept),
    currency: books.account.currency,
    facts: added(before, books),
    numbers: numbersNeeded(books, Object.values(account.series)),
    subscriptions: changedSubscriptions(kept.subscriptions, books.subscriptions),
    settledAt: at,
    // The scenario says when somebody looks.
    dueAt: FOREVER,
  };
}

/** Lost, made, and made again. Answers each draft number with the real one. */
async function committed(
  { store, dying, broken }: Tables,
  { kept, change }: { kept: KeptBooks; change: BooksChange },
): Promise<ReadonlyMap<string, string>> {
  await dying.commit(change).catch(() => undefined);
  const left = await loaded(store, change.account);
  if (encodeFacts(left) !== encodeFacts(kept)) broken.push('a commit whose process died left something behind');
  const result = await store.commit(change);
  if (result.outcome !== 'done')
    throw new Error('A commit whose process died is there, or somebody else changed these books.');
  if ((await store.commit(change)).outcome !== 'conflict') broken.push('the same commit was taken twice');
  return result.numbers;
}

/** What the next step goes on with: the facts of the tables, and what production never loads as it stands in memory. */
function readBack(memory: Books, { kept, series }: { kept: KeptBooks; series: BilledAccount['series'] }): Books {
  const { account, catalog, budgets, ledger, events, usage, levels, coverage, recognitions } = memory;
  const facts = asBooks(kept, { account: { ...account, series }, catalog, budgets });
  return { ...memory, ...facts, ledger, events, usage, levels, coverage, recognitions, counters: [] };
}

/** With real numbers in the place of drafts. */
function numbered({ books, charges }: Standing, numbers: ReadonlyMap<string, string>): Omit<Standing, 'at'> {
  const real = <Value>(value: Value) =>
    decodeFacts(
      [...numbers].reduce((text, [draft, number]) => text.replaceAll(draft, number), encodeFacts(value)),
    ) as Value;
  const moved = new Set(real([...charges.moved]));
  return { books: real(books), charges: { attempts: real(charges.attempts), moved } };
}

async function loaded(store: BooksStore, account: string): Promise<KeptBooks> {
  const [kept] = await store.load([account]);
  if (kept === undefined) throw new Error(`There are no books of ${account}.`);
  return kept;
}

const DIE = { name: 'die', text: 'select pg_terminate_backend(pg_backend_pid())' };

/** Its connection ends when all of a transaction is written but its commit. */
function dying(pool: Pool): Database {
  const database = createDatabase(pool, { attempts: 1 });
  return {
    run: database.run,
    transaction: (work) =>
      database.transaction(async (tx) => {
        const done = await work(tx);
        await tx.run(DIE, []);
        return done;
      }),
  };
}

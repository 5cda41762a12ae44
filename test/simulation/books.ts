import type { AccountWishes, LoopPorts } from '../../billing/loop/account-loop.ts';
import { settleAccount } from '../../billing/loop/account-loop.ts';
import type { BooksStore } from '../../billing/loop/books-store.ts';
import { createMemoryBooks, type MemoryBooks } from '../../billing/loop/memory-books.ts';
import { rational } from '../../billing/money/rational.ts';
import { parseScenario } from '../../billing/scenario/parse.ts';
import type { CoverageRow, LevelRow } from '../../billing/usage/journal.ts';
import { billOf, differences, ledgerFaults } from './books-oracle.ts';
import { type Cluster, STARTED_AT } from './cluster.ts';

/** Twenty minutes of the engine are a month of the books, so that midnights come in the middle of trouble. */
const SPEED = 2_000;
const bookTime = (at: number) => STARTED_AT + Math.trunc(at - STARTED_AT) * SPEED;

/** A process that stands still for longer than its lease writes down late what it saw. */
const LAG_MS = 240_000 * SPEED;

const DAY_MS = 86_400_000;
const ACCOUNT = 'default';
/** 1 cent a second: every instant is a multiple of two seconds of the books, so that nothing is ever rounded. */
const PRICE = '36.00';

const SCENARIO = {
  currency: 'EUR',
  policy: { billing: 'CALENDAR' },
  steps: [
    {
      at: '2026-01-01',
      apply: [
        { kind: 'Meter', name: 'vm.running', spec: { product: 'vm-hours', aggregate: 'LEVEL' } },
        { kind: 'Bundle', name: 'plan', spec: { charges: [{ name: 'vm-hours', type: 'USAGE' }] } },
        { kind: 'RateCard', name: 'prices', spec: { revisions: [{ prices: { 'vm-hours': PRICE } }] } },
        { kind: 'Subscription', name: 's1', spec: { bundle: 'plan', start: '2026-01-01' } },
      ],
    },
  ],
};

/** What the books' own processes may do wrong on purpose. */
export type BooksBug = 'doubleMetering' | 'wishedIsRunning';

/** The loop of the books beside the engine: two workers that crash and overtake each other, fed by what the engine wrote down. */
export interface BookKeepers {
  /** Takes what was journaled since, and now and then lets the workers work. */
  look(): Promise<void>;
  /** P19, once everything rests. */
  check(): Promise<void>;
}

class Crash extends Error {}

export function keepBooks(cluster: Cluster, bug: BooksBug | null = null): BookKeepers {
  const prng = cluster.prng.fork('books');
  const journal = journalOf(cluster, bug);
  let later = 0;
  let nextAt = 0;
  const books = createMemoryBooks({ now: () => bookTime(cluster.clock.now()) + later });
  const store = observing(spoilt(books, bug), cluster);
  const workers = [1, 2].map(() => portsOn(crashing(store, () => prng.chance(0.03))));
  let stopped = false;
  return {
    look: async () => {
      for (const row of journal.fresh()) books.observe(ACCOUNT, { levels: [row] });
      const now = bookTime(cluster.clock.now());
      if (stopped || now < nextAt) return;
      nextAt = now + prng.int(DAY_MS / 4, 5 * DAY_MS);
      const passes = await Promise.allSettled(workers.map((ports) => settleAccount(ports, ACCOUNT)));
      for (const pass of passes)
        if (pass.status === 'rejected' && !(pass.reason instanceof Crash)) cluster.violate('P19', String(pass.reason));
    },
    check: async () => {
      stopped = true;
      for (const row of journal.fresh()) books.observe(ACCOUNT, { levels: [row] });
      later = 70 * DAY_MS;
      const ports = portsOn(store);
      await settleAccount(ports, ACCOUNT);
      const again = await settleAccount(ports, ACCOUNT);
      if (again.outcome !== 'settled' || again.added > 0) cluster.violate('P19', 'a second pass found something to do');
      const levels = journal.all();
      const coverage = coverageOf(cluster);
      const scratch = await fromScratch({ levels, coverage, until: bookTime(cluster.clock.now()) + later });
      const truth = journal.running();
      for (const line of [
        ...differences({
          chaos: await billOf(books, ACCOUNT),
          scratch: await billOf(scratch, ACCOUNT),
          levels,
          coverage,
        }),
        ...ledgerFaults(books),
        ...neverRan(await books.load([ACCOUNT]), truth),
      ])
        cluster.violate('P19', line);
    },
  };
}

/** Rows of the journal on the clock of the books, each with the place where its machine is bound. */
function journalOf({ tables, world }: Cluster, bug: BooksBug | null) {
  const rows: LevelRow[] = [];
  const running = new Set<string>();
  // Of what is metered only the running of machines is sold here.
  const metered = bug === 'wishedIsRunning' ? 'vm.allocated' : 'vm.running';
  let newest: string | undefined;
  let given = 0;
  world.onMutation.add(() => {
    for (const host of Object.values(world.state.hosts))
      for (const { owner, live } of Object.values(host.machines)) if (owner && live) running.add(owner.uid);
  });
  const read = () => {
    // This is asked at every instant, and answered by the newest row nearly always.
    const [head] = tables.journal.page({ limit: 1 }).items;
    if (head === undefined || head.cursor === newest) return;
    const page = tables.journal.page({ limit: 100_000 });
    const known = page.items.findIndex(({ cursor }) => cursor === newest);
    const fresh = (known < 0 ? page.items : page.items.slice(0, known)).toReversed();
    newest = head.cursor;
    for (const { row } of fresh.filter(({ row: { meter } }) => meter === metered)) {
      const at = bookTime(row.at);
      const place = [...tables.bindings.of(row.uid)].map((binding) => binding.place).toSorted()[0] ?? '';
      const { uid, seq, attributes, runId } = row;
      rows.push({
        uid,
        meter: 'vm.running',
        seq,
        at,
        recordedAt: at,
        level: rational(BigInt(row.level)),
        attributes: attributes as Record<string, string>,
        place,
        runId,
      });
    }
  };
  return {
    fresh: () => {
      read();
      const found = rows.slice(given);
      given = rows.length;
      return found;
    },
    all: () => rows,
    running: () => running,
  };
}

function coverageOf({ tables }: Cluster): CoverageRow[] {
  return tables.coverage.all().map(({ place, from, to }) => {
    const until = bookTime(to);
    return { place, from: bookTime(from), to: until, recordedAt: until };
  });
}

function observing(store: BooksStore, cluster: Cluster): BooksStore {
  return {
    ...store,
    observed: async (account) => ({ ...(await store.observed(account)), coverage: coverageOf(cluster) }),
  };
}

/** What every world wishes, read once. */
const WISHES = wishesOf(SCENARIO);

function wishesOf(scenario: typeof SCENARIO): AccountWishes {
  const parsed = parseScenario(scenario);
  if ('faults' in parsed) throw new Error(parsed.faults.join('; '));
  const { zone, currency, policy, steps } = parsed.scenario;
  const wishes = steps.flatMap(({ apply }) => apply);
  const account = {
    name: ACCOUNT,
    currency,
    zone,
    anchorDay: null,
    jurisdiction: '',
    policy,
    dunning: null,
    creditLimit: null,
    series: {
      invoice: { name: 'invoice', yearly: true, format: 'INV-{year}-{n:4}' },
      creditNote: { name: 'credit-note', yearly: true, format: 'CN-{year}-{n:4}' },
    },
  };
  const own = wishes.filter(({ kind }) => kind === 'Subscription');
  return { account, catalog: wishes.filter(({ kind }) => kind !== 'Subscription'), own, recipients: [] };
}

function portsOn(store: BooksStore): LoopPorts {
  return {
    store,
    wishes: { of: async () => WISHES },
    holds: { obey: async () => undefined },
    lagMs: LAG_MS,
    passed: async () => undefined,
  };
}

/** The same journal on an untroubled day: one worker, which looks whenever something comes due. */
async function fromScratch(given: {
  levels: readonly LevelRow[];
  coverage: readonly CoverageRow[];
  until: number;
}): Promise<MemoryBooks> {
  let now = STARTED_AT;
  const books = createMemoryBooks({ now: () => now });
  books.observe(ACCOUNT, given);
  const ports = portsOn(books);
  for (let passes = 0; now < given.until && passes < 10_000; passes++) {
    await settleAccount(ports, ACCOUNT);
    const next = await books.nextDueAt();
    now = Math.min(given.until, Math.max(now + 30 * DAY_MS, next ?? given.until));
  }
  await settleAccount(ports, ACCOUNT);
  return books;
}

/** Before or after any call to the database the process may end. */
function crashing(store: BooksStore, strikes: () => boolean): BooksStore {
  const wrapped = Object.entries(store).map(([name, call]) => [
    name,
    async (...args: unknown[]) => {
      if (strikes()) throw new Crash(`before ${name}`);
      const answer = await (call as (...given: unknown[]) => Promise<unknown>)(...args);
      if (strikes()) throw new Crash(`after ${name}`);
      return answer;
    },
  ]);
  return Object.fromEntries(wrapped) as BooksStore;
}

function spoilt(store: BooksStore, bug: BooksBug | null): BooksStore {
  if (bug !== 'doubleMetering') return store;
  let turn = 0;
  return {
    ...store,
    observed: async (account) => ({ ...(await store.observed(account)), cursors: [] }),
    meter: (account, windows) =>
      store.meter(
        account,
        windows.map((window) => ({ ...window, id: `${window.id}/${++turn}` })),
        [],
      ),
  };
}

/** A machine that never ran costs nothing. */
function neverRan(kept: Awaited<ReturnType<BooksStore['load']>>, running: ReadonlySet<string>): string[] {
  const charged = new Set(
    kept.flatMap(({ usage }) => usage.filter(({ meter }) => meter === 'vm.running').map(({ resource }) => resource)),
  );
  return [...charged].filter((uid) => !running.has(uid)).map((uid) => `machine ${uid} is charged for and never ran`);
}

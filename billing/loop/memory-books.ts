import { FOREVER, type Instant } from '../calendar/interval.ts';
import { groupBy } from '../group.ts';
import type { LedgerTransaction } from '../ledger/posting.ts';
import type { Revision } from '../price/rate-card.ts';
import type { BillingEvent } from '../settle/books.ts';
import { COUNTERS_SOURCE } from '../usage/counters/counter-store.ts';
import { type DeadLetterCode, intake } from '../usage/intake.ts';
import type { CoverageRow, LevelRow } from '../usage/journal.ts';
import { standing, type UsageWindow } from '../usage/window.ts';
import {
  type BooksChange,
  type BooksStore,
  type CommitResult,
  type IngestResult,
  type IngestRules,
  type KeptBooks,
  type Mail,
  noBooks,
  sourced,
  type UsageEvent,
} from './books-store.ts';
import { compacted } from './compaction.ts';
import { numbered } from './numbering.ts';

/** Books that end with the process, with the contract of the real ones: for simulations, and for trying things out. */
export interface MemoryBooks extends BooksStore {
  /** What is in the ledger, the events and the letters: reads of their own in the real store. */
  readonly records: MemoryRecords;
  accounts(): string[];
  currencyOf(account: string): string | undefined;
  /** When its next pass is due. */
  dueAt(account: string): Instant;
  /** Usage that was counted here: it comes once. */
  counted(account: string, window: UsageWindow): void;
  /** What the engine would have written beside. */
  observe(account: string, rows: { levels?: readonly LevelRow[]; coverage?: readonly CoverageRow[] }): void;
}

export interface MemoryRecords {
  events: (BillingEvent & { account: string })[];
  mail: (Mail & { account: string })[];
  ledger: (LedgerTransaction & { account: string })[];
  deadLetters: (UsageEvent & { code: string })[];
}

/** Levels of an account that are kept without asking which of them have been metered. */
const LEVELS_MAX = 10_000;

interface Account {
  kept: KeptBooks;
  currency: string | null;
  dueAt: Instant;
  /** Woken since it was claimed. */
  dirty: boolean;
  leaseUntil: Instant;
  levels: LevelRow[];
}

export function createMemoryBooks({ now }: { now(): Instant }): MemoryBooks {
  const accounts = new Map<string, Account>();
  const counters = new Map<string, number>();
  const redeemed = new Map<string, Set<string>>();
  const revisions = new Map<string, Revision>();
  const cursors = new Map<string, Instant>();
  const usage = new Map<string, UsageEvent>();
  const coverage: CoverageRow[] = [];
  const records: MemoryRecords = { events: [], mail: [], ledger: [], deadLetters: [] };
  const of = (name: string): Account => {
    const known = accounts.get(name);
    if (known !== undefined) return known;
    const made = { kept: noBooks(name), currency: null, dueAt: FOREVER, dirty: false, leaseUntil: 0, levels: [] };
    accounts.set(name, made);
    return made;
  };
  return {
    records,
    accounts: () => [...accounts.keys()],
    dueAt: (name) => of(name).dueAt,
    currencyOf: (name) => accounts.get(name)?.currency ?? undefined,
    now: async () => now(),
    ...fedFromOutside(of, { cursors, coverage }),
    load: async (names, { usage: whole = true } = {}) => {
      const found = names.map((name) => accounts.get(name)?.kept ?? noBooks(name));
      return whole ? found : found.map((kept) => ({ ...kept, usage: [] }));
    },
    holds: async (name) => [...(accounts.get(name)?.kept.holds ?? [])],
    usage: async (name, compaction) => compacted(of(name).kept.usage, compaction),
    commit: async (change) => commit(of(change.account), change, { counters, redeemed, records }),
    redeemed: async (account, campaigns) =>
      campaigns.flatMap((campaign) => {
        const taken = [...(redeemed.get(campaign) ?? [])].map((key) => JSON.parse(key) as [string, string]);
        const own = taken.filter(([of]) => of === account).map(([, subscription]) => subscription);
        return taken.length === 0 ? [] : [{ campaign, taken: taken.length, own }];
      }),
    ...dueAccounts(accounts, { of, now }),
    ingest: async (events, rules) =>
      events.map((event) => take(event, { account: of(event.account), usage, records, rules, now: now() })),
    observed: async (name) => ({
      levels: of(name).levels,
      coverage,
      cursors: [...cursors].map(([key, until]) => {
        const [uid = '', meter = ''] = JSON.parse(key) as string[];
        return { uid, meter, until };
      }),
    }),
    meter: async (name, windows, moves) => {
      const key = ({ uid, meter }: { uid: string; meter: string }) => JSON.stringify([uid, meter]);
      if (moves.some((move) => (cursors.get(key(move)) ?? null) !== move.from)) return false;
      for (const move of moves) cursors.set(key(move), move.until);
      const account = of(name);
      const known = windows.map((window) => ({ ...window, id: `journal:${window.id}` }));
      account.kept = { ...account.kept, usage: [...account.kept.usage, ...known] };
      return true;
    },
    publish: async (seen) =>
      seen.map((each) => {
        const key = `${each.id}/${each.from}`;
        const known = revisions.get(key);
        const stands = known !== undefined && (known.from <= now() || known.hash === each.hash) ? known : each;
        revisions.set(key, stands);
        return stands;
      }),
  };
}

/** What comes beside the usage that others report. */
function fedFromOutside(
  of: (name: string) => Account,
  { cursors, coverage }: { cursors: ReadonlyMap<string, Instant>; coverage: CoverageRow[] },
): Pick<MemoryBooks, 'counted' | 'observe'> {
  return {
    counted: (name, window) => {
      const account = of(name);
      const known = { ...window, id: `${COUNTERS_SOURCE}:${window.id}` };
      account.kept = { ...account.kept, usage: [...account.kept.usage, known] };
    },
    observe: (name, rows) => {
      const account = of(name);
      account.levels.push(...(rows.levels ?? []));
      if (account.levels.length > LEVELS_MAX) account.levels = stillStanding(account.levels, cursors);
      coverage.push(...(rows.coverage ?? []));
    },
  };
}

/** Rows that end before their cursor have become windows. */
function stillStanding(levels: readonly LevelRow[], cursors: ReadonlyMap<string, Instant>): LevelRow[] {
  const groups = groupBy(levels, ({ uid, meter }) => JSON.stringify([uid, meter]));
  return [...groups].flatMap(([key, rows]) => {
    const until = cursors.get(key) ?? 0;
    const ordered = rows.toSorted((a, b) => a.seq - b.seq);
    const stood = ordered.findLastIndex(({ at }) => at <= until);
    return ordered.slice(Math.max(0, stood));
  });
}

/** Who is due, and for whom. */
function dueAccounts(
  accounts: ReadonlyMap<string, Account>,
  { of, now }: { of(name: string): Account; now(): Instant },
): Pick<BooksStore, 'claim' | 'wake' | 'nextDueAt'> {
  const due = () =>
    [...accounts.values()]
      .filter(({ kept }) => kept.parked === null)
      .map((each) => ({ each, at: Math.max(each.dueAt, each.leaseUntil) }))
      .toSorted((a, b) => a.at - b.at);
  return {
    claim: async ({ limit, leaseMs }) => {
      const found = due()
        .filter(({ at }) => at <= now())
        .slice(0, limit);
      for (const { each } of found) Object.assign(each, { leaseUntil: now() + leaseMs, dirty: false });
      return found.map(({ each }) => each.kept.account);
    },
    wake: async (names) => {
      for (const name of names) {
        const account = of(name);
        woken(account, now());
        account.kept = { ...account.kept, parked: null };
      }
    },
    nextDueAt: async () => {
      const at = due()[0]?.at;
      return at === undefined || at === FOREVER ? null : at;
    },
  };
}

/** What accounts have in common. */
interface Kept {
  counters: Map<string, number>;
  /** By campaign: who took it. */
  redeemed: Map<string, Set<string>>;
  records: MemoryRecords;
}

function commit(account: Account, change: BooksChange, { counters, redeemed, records }: Kept): CommitResult {
  const { kept } = account;
  if (kept.version !== change.version) return { outcome: 'conflict' };
  if (change.currency !== null && change.currency !== (account.currency ?? change.currency))
    throw new Error(`The account ${change.account} is booked in ${account.currency}; not in ${change.currency}.`);
  if (!redeemable(change, redeemed)) return { outcome: 'conflict' };
  account.currency ??= change.currency;
  const taken = change.numbers.map((needed) => {
    const key = `${needed.series.name}/${needed.year}`;
    const last = counters.get(key) ?? 0;
    counters.set(key, last + needed.count);
    return { ...needed, last };
  });
  const { facts: written, numbers } = numbered(
    { facts: change.facts, mail: change.mail, adjustments: change.adjustments },
    taken,
  );
  const { facts, mail, adjustments } = written;
  const next: KeptBooks = { ...kept, version: kept.version + 1 };
  const own = next as unknown as Record<string, unknown[]>;
  for (const [name, rows] of Object.entries(facts)) if (name in kept) own[name] = [...(own[name] ?? []), ...rows];
  const changed = new Set(change.subscriptions.map(({ id }) => id));
  next.subscriptions = [...kept.subscriptions.filter(({ id }) => !changed.has(id)), ...change.subscriptions].toSorted(
    (a, b) => (a.id < b.id ? -1 : 1),
  );
  if (change.settledAt !== null) next.settledAt = change.settledAt;
  next.adjustments = [...kept.adjustments, ...adjustments];
  next.parked = change.parked;
  if (change.checkpoint !== null) next.checkpoint = change.checkpoint;
  account.kept = next;
  account.leaseUntil = 0;
  if (change.dueAt !== null && !account.dirty) account.dueAt = change.dueAt;
  records.ledger.push(...(facts.ledger ?? []).map((each) => ({ ...each, account: change.account })));
  tell(records, change, { events: facts.events ?? [], mail });
  return { outcome: 'done', version: next.version, numbers };
}

/** Takes the campaigns, all of them or none. */
function redeemable({ account, redemptions }: BooksChange, redeemed: Kept['redeemed']): boolean {
  const next = new Map<string, Set<string>>();
  for (const { campaign, subscription, max } of redemptions) {
    const taken = next.get(campaign) ?? new Set(redeemed.get(campaign));
    const key = JSON.stringify([account, subscription]);
    if (!taken.has(key) && max !== null && taken.size >= max) return false;
    next.set(campaign, taken.add(key));
  }
  for (const [campaign, taken] of next) redeemed.set(campaign, taken);
  return true;
}

function woken(account: Account, now: Instant): void {
  account.dueAt = Math.min(account.dueAt, now);
  account.dirty = true;
}

function tell(
  records: MemoryRecords,
  { account, problems }: BooksChange,
  { events, mail }: { events: readonly BillingEvent[]; mail: readonly Mail[] },
): void {
  const told = new Set(records.events.map(({ account: of, code, subject }) => JSON.stringify([of, code, subject])));
  const fresh = problems.filter(({ code, subject }) => !told.has(JSON.stringify([account, code, subject])));
  records.events.push(...[...events, ...fresh].map((event) => ({ ...event, account })));
  const sent = new Set(records.mail.map(letterKey));
  for (const letter of mail.map((each) => ({ ...each, account })))
    if (!sent.has(letterKey(letter))) records.mail.push(letter);
}

const letterKey = ({ account, event, recipient, template }: Mail & { account: string }) =>
  JSON.stringify([account, event, recipient, template]);

interface Taking {
  account: Account;
  /** All that ever came, by its id. */
  usage: Map<string, UsageEvent>;
  records: MemoryRecords;
  rules: IngestRules;
  now: Instant;
}

/** The pure intake decides; forever unique is the id with its source, whoever's it is. */
function take(event: UsageEvent, { account, usage, records, rules, now }: Taking): IngestResult {
  const window = { ...sourced(event), recordedAt: now };
  const refused = (code: DeadLetterCode): IngestResult => {
    records.deadLetters.push({ ...event, code });
    return { outcome: 'rejected', code };
  };
  const elsewhere = usage.get(window.id);
  if (elsewhere !== undefined && elsewhere.account !== event.account) return refused('ConflictingDuplicate');
  const own = [...usage.values()].filter((each) => each.account === event.account);
  const result = intake(window, [...own.map((each) => each.window), ...account.kept.usage], { ...rules, now });
  if (result.outcome === 'rejected') return refused(result.code);
  if (result.outcome === 'deduplicated') return { outcome: 'deduplicated' };
  usage.set(window.id, { ...event, window });
  account.kept = { ...account.kept, usage: standing([...account.kept.usage, window]) };
  woken(account, now);
  return { outcome: 'accepted' };
}

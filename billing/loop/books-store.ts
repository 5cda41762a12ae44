import type { Instant } from '../calendar/interval.ts';
import type { NumberSeries } from '../document/number-series.ts';
import type { Hold } from '../dunning/dunning.ts';
import type { Revision } from '../price/rate-card.ts';
import { type Books, type Facts, NO_FACTS } from '../settle/books.ts';
import { underCalendars } from '../settle/calendars.ts';
import type { Checkpoint } from '../settle/checkpoint.ts';
import type { Subscription } from '../settle/subscription.ts';
import type { DeadLetterCode } from '../usage/intake.ts';
import type { CoverageRow, LevelRow } from '../usage/journal.ts';
import type { UsageWindow } from '../usage/window.ts';
import type { SubscriptionRevision } from '../wish/wish-history.ts';
import type { Compaction } from './compaction.ts';

/**
 * Where the books are kept. Facts are only ever added. One account changes by one commit at a time: a commit carries the version that it
 * was computed from, and one that was overtaken is refused whole. Accounts are known by their name.
 */
export interface BooksStore {
  /** Same order as asked; an account that nothing was ever booked for has version 0 and no facts. At most 200 at a time. */
  load(accounts: readonly string[], options?: { usage?: boolean }): Promise<KeptBooks[]>;
  /** The account's usage, with what bills alike added up. `load` can leave it out. */
  usage(account: string, compaction: Compaction): Promise<UsageWindow[]>;
  /** The account's holds as they were written, ended ones too: all that admission has to know, without the rest of the books. */
  holds(account: string): Promise<Hold[]>;
  /** One transaction: numbers are given, facts appended, the subscription timelines and the due time written; or nothing at all. */
  commit(change: BooksChange): Promise<CommitResult>;
  /** Accounts that are due, each kept from other workers until `leaseMs` is over. Parked ones are not among them. Oldest first. */
  claim(request: { limit: number; leaseMs: number }): Promise<string[]>;
  /** Makes accounts due now, parked ones too: somebody changed something. Unknown accounts become known. */
  wake(accounts: readonly string[]): Promise<void>;
  /** Epoch ms of the earliest due account that is not parked, or null. */
  nextDueAt(): Promise<Instant | null>;
  /** Takes events from outside in: each once, forever. One transaction; what is refused becomes a dead letter, in sight. */
  ingest(events: readonly UsageEvent[], rules: IngestRules): Promise<IngestResult[]>;
  /** What the cloud observed of an account's resources and has not yet become windows. */
  observed(account: string): Promise<Observed>;
  /** Adds windows of the journal and moves the cursors that they end at, all of them or none: false where a cursor had moved. */
  meter(account: string, windows: readonly UsageWindow[], cursors: readonly CursorMove[]): Promise<boolean>;
  /** Prices as they stand: what was first seen, when it was seen. What has begun is kept; what has not is replaced by what is wished now. */
  publish(revisions: readonly Revision[]): Promise<Revision[]>;
  /** How often campaigns were taken by everybody, and by which subscriptions of this account. Those that nobody took are left out. */
  redeemed(account: string, campaigns: readonly string[]): Promise<Redeemed[]>;
  /** The clock of the books, epoch ms. */
  now(): Promise<Instant>;
}

/** What is kept of one account. The ledger and the events are not loaded: no decision reads them. */
export interface KeptBooks extends Omit<Facts, 'ledger' | 'events' | 'counters'> {
  account: string;
  /** Counts commits. */
  version: number;
  /** Up to when every due pass has been made; null: never. */
  settledAt: Instant | null;
  /** Why nobody works on it until it is woken. */
  parked: string | null;
  checkpoint: Checkpoint | null;
  subscriptions: readonly Subscription[];
  usage: readonly UsageWindow[];
  /** Corrections that were asked for, and what became of each. */
  adjustments: readonly AdjustmentDone[];
  /** How its subscriptions were wished, oldest first, where that changed since it was settled; what is over in any case. */
  wished: readonly SubscriptionRevision[];
}

/** A request that has become a record: each once, whatever it came to. */
export interface AdjustmentDone {
  uid: string;
  at: Instant;
  /** What it was booked as: a credit note's number, or the id of a credit or settlement. Null: it was refused. */
  document: string | null;
  refusal: string | null;
}

export interface BooksChange {
  account: string;
  version: number;
  /** The account's for ever, once something is booked. Null: nothing is booked here. */
  currency: string | null;
  /** New facts only. Numbers in them are drafts as `draftSeries` writes them; the store puts the real ones in their place. */
  facts: Partial<Omit<Facts, 'counters'>>;
  numbers: readonly NumbersNeeded[];
  /** Whole, of those whose events or resources changed. Events are only ever added. */
  subscriptions: readonly Subscription[];
  adjustments: readonly AdjustmentDone[];
  /** Campaigns that subscriptions take with this change. More of one than may be refuses the whole commit. */
  redemptions: readonly Redemption[];
  /** Told once for each code and subject. */
  problems: readonly { at: Instant; code: string; subject: string }[];
  /** One row each for an event, a recipient and a template, however often it is asked for. */
  mail: readonly Mail[];
  /** Null: left as it is. */
  settledAt: Instant | null;
  /** Epoch ms; FOREVER where nothing will ever come due by itself. Null: left as it is. */
  dueAt: Instant | null;
  parked: string | null;
  /** Null: left as it is. */
  checkpoint: Checkpoint | null;
}

/** A subscription takes a campaign: once, for ever. */
export interface Redemption {
  campaign: string;
  subscription: string;
  /** How many there may be of all accounts; null: any number. */
  max: number | null;
}

export interface Redeemed {
  campaign: string;
  taken: number;
  /** Subscriptions of the account that took it. */
  own: readonly string[];
}

export interface NumbersNeeded {
  series: NumberSeries;
  year: number;
  count: number;
}

export interface Mail {
  event: string;
  recipient: string;
  template: string;
  params: Readonly<Record<string, string>>;
}

export type CommitResult =
  /** Each draft number with the one that took its place. */
  | { outcome: 'done'; version: number; numbers: ReadonlyMap<string, string> }
  /** Somebody else was faster, with the account or with the last of a campaign: load again. */
  | { outcome: 'conflict' };

export interface UsageEvent {
  /** Who tells: with the window's id, unique forever. */
  source: string;
  account: string;
  window: UsageWindow;
}

/** The window under the name that it has in the books: two sources may use the same ids. */
export function sourced({ source, window }: UsageEvent): UsageWindow {
  const { id, supersedes } = window;
  return { ...window, id: `${source}:${id}`, supersedes: supersedes === null ? null : `${source}:${supersedes}` };
}

export interface IngestRules {
  meters: ReadonlySet<string>;
  maxAgeMs: number;
  futureToleranceMs: number;
}

export type IngestResult = { outcome: 'accepted' | 'deduplicated' } | { outcome: 'rejected'; code: DeadLetterCode };

export interface Observed {
  /** Rows that stood at the cursor or came after it, oldest first. */
  levels: readonly LevelRow[];
  coverage: readonly CoverageRow[];
  /** Up to where each (uid, meter) has become windows. */
  cursors: readonly Cursor[];
}

export interface Cursor {
  uid: string;
  meter: string;
  until: Instant;
}

export interface CursorMove extends Cursor {
  /** Where it stood; null: it is new. */
  from: Instant | null;
}

/** No facts of its own yet. */
export function noBooks(account: string): KeptBooks {
  const { ledger: _ledger, events: _events, counters: _counters, ...facts } = NO_FACTS;
  return {
    account,
    version: 0,
    settledAt: null,
    parked: null,
    checkpoint: null,
    subscriptions: [],
    usage: [],
    adjustments: [],
    wished: [],
    ...facts,
  };
}

/** What pure functions work on, cut by the calendars that were kept. Numbers begin at 1 of the draft series: the real ones are the store's to give. */
export function asBooks(kept: KeptBooks, wished: Pick<Books, 'account' | 'catalog' | 'budgets'>): Books {
  const {
    account: _name,
    version: _version,
    adjustments: _adjustments,
    wished: _wished,
    settledAt: _settledAt,
    parked: _parked,
    checkpoint: _checkpoint,
    ...facts
  } = kept;
  const account = underCalendars(wished.account, kept.calendars);
  return { ...facts, ...wished, account, ledger: [], events: [], counters: [], levels: [], coverage: [] };
}

import { CREDIT_NOTE_SERIES, INVOICE_SERIES } from '../../billing/document/number-series.ts';
import { booksOf } from '../../billing/loop/account-loop.ts';
import type { BooksStore, KeptBooks } from '../../billing/loop/books-store.ts';
import { pass } from '../../billing/loop/pass.ts';
import { rational } from '../../billing/money/rational.ts';
import type { BilledAccount } from '../../billing/settle/books.ts';
import { calendarOf } from '../../billing/settle/calendars.ts';
import { DEFAULT_POLICY } from '../../billing/settle/policy.ts';
import type { CoverageRow, LevelRow } from '../../billing/usage/journal.ts';
import type { UsageWindow } from '../../billing/usage/window.ts';
import { type Fault, Reader } from '../../billing/wish/reader.ts';
import { readWish, type Wish } from '../../billing/wish/wish.ts';

/** Books with what a test must see of them, and do to them from outside. */
export interface BooksUnderTest {
  store: BooksStore;
  /** Moves the books' clock forward. */
  advance(ms: number): Promise<void>;
  /** What the engine would have written. */
  observe(account: string, rows: { levels?: readonly LevelRow[]; coverage?: readonly CoverageRow[] }): Promise<void>;
  events(account: string): Promise<{ code: string; subject: string }[]>;
  mail(account: string): Promise<{ event: string; recipient: string; template: string }[]>;
  deadLetters(account: string): Promise<{ id: string; code: string }[]>;
  close(): Promise<void>;
}

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export function billed(name: string, currency = 'EUR'): BilledAccount {
  return {
    name,
    currency,
    zone: 'UTC',
    anchorDay: null,
    jurisdiction: '',
    policy: DEFAULT_POLICY,
    dunning: null,
    creditLimit: null,
    series: { invoice: INVOICE_SERIES, creditNote: CREDIT_NOTE_SERIES },
  };
}

/** A wish from a spec as a person writes it. */
export function wish(kind: Wish['kind'], name: string, spec: unknown, at = 0): Wish {
  const faults: Fault[] = [];
  const read = readWish(kind, { name, spec: new Reader(spec, name, faults) }, { zone: 'UTC', currency: 'EUR', at });
  if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join('; '));
  return read;
}

/** A monthly fee of 30.00 in advance, and running hours at 0.10. */
export const CATALOG: readonly Wish[] = [
  wish('Meter', 'running', {
    product: 'hours',
    aggregate: 'LEVEL',
    rules: [{ usage: 'vm.running' }, { usage: 'extern.hours' }],
  }),
  wish('Bundle', 'starter', {
    charges: [
      { name: 'fee', type: 'RECURRING', every: 'MONTH' },
      { name: 'hours', type: 'USAGE', every: 'MONTH', product: 'hours' },
    ],
  }),
  wish('RateCard', 'list', {
    revisions: [{ from: '2020-01-01', prices: { fee: '30.00', hours: '0.10' } }],
  }),
];

export const SUBSCRIPTION: readonly Wish[] = [wish('Subscription', 'web', { bundle: 'starter', resources: ['vm-1'] })];

/** A whole pass at the books' own time, without letters and holds. Answers what the commit said. */
export async function passOnce(
  store: BooksStore,
  kept: KeptBooks,
  { wishes = SUBSCRIPTION, now }: { wishes?: readonly Wish[]; now: number },
) {
  const books = await booksOf(store, kept, { wishes: { account: billed(kept.account), catalog: CATALOG }, now });
  return store.commit(
    pass({ kept, books, wishes, calendar: calendarOf(books.account), standing: new Map(), now }).change,
  );
}

export async function loaded(store: BooksStore, account: string): Promise<KeptBooks> {
  const [kept] = await store.load([account]);
  if (kept === undefined) throw new Error('the books answered nothing');
  return kept;
}

export function usage(id: string, parts: Partial<UsageWindow> & Pick<UsageWindow, 'from' | 'to'>): UsageWindow {
  return {
    id,
    meter: 'extern.hours',
    resource: 'vm-1',
    quantity: rational(1n),
    attributes: {},
    recordedAt: 0,
    supersedes: null,
    ...parts,
  };
}

export const RULES = { meters: new Set(['extern.hours', 'vm.running']), maxAgeMs: 90 * DAY, futureToleranceMs: 0 };

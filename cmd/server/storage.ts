import type { BooksReader } from '../../billing/loop/books-reader.ts';
import type { BooksStore, Mail } from '../../billing/loop/books-store.ts';
import { createMemoryBooks } from '../../billing/loop/memory-books.ts';
import { createMemoryReader } from '../../billing/loop/memory-reader.ts';
import type { ReportFacts } from '../../billing/report/facts.ts';
import { createMemoryFacts } from '../../billing/report/memory-facts.ts';
import type { CounterStore } from '../../billing/usage/counters/counter-store.ts';
import { createMemoryCounters } from '../../billing/usage/counters/memory-counters.ts';
import type { AccountHistory } from '../../identity/account-history.ts';
import type { Outbox, WaitingLetter } from '../../identity/letters.ts';
import { createMemoryAccountHistory } from '../../identity/memory/account-history.ts';
import { createMemoryOutbox } from '../../identity/memory/outbox.ts';
import { createMemoryRecords } from '../../identity/memory/records.ts';
import type { IdentityAudit } from '../../identity/parts.ts';
import type { Records } from '../../identity/records.ts';
import type { LetterQueue } from '../../letters/delivery.ts';
import { createMemoryNotifications } from '../../letters/memory-notifications.ts';
import { createMemoryQueue } from '../../letters/memory-queue.ts';
import { userNotice } from '../../letters/notices.ts';
import type { Notifications } from '../../letters/notification.ts';
import type { LetterSeal } from '../../postgres/mail/queue.ts';
import type { ResealingKeys } from '../../postgres/reseal.ts';
import type { AuditChain } from '../../reconciler/audit-chain.ts';
import { ALL_SHARDS } from '../../reconciler/forecast/overlay.ts';
import type { IdempotencyKeys } from '../../reconciler/idempotency.ts';
import { createMemoryKeys } from '../../reconciler/memory/idempotency-keys.ts';
import { createMemoryStore } from '../../reconciler/memory/store.ts';
import type { EngineStore, ObjectStore } from '../../reconciler/store.ts';
import { REGISTRY } from '../../resources/registry.ts';
import type { SettingFact } from '../../resources/support/setting/facts.ts';
import { systemClock } from './environment.ts';
import { journalInto, observing } from './memory-journal.ts';
import { noticing } from './memory-notices.ts';
import { createMemorySettingFacts } from './memory-setting-facts.ts';
import { createMemoryPayments, type PaymentRecords } from './payment-records.ts';
import { reportedAccounts } from './report-wishes.ts';

/** Where the state of the installation is kept, opened. */
export interface Storage {
  store: EngineStore & ObjectStore;
  books: BooksStore;
  booksReader: BooksReader;
  /** What moved through devices, until it is usage. */
  counters: CounterStore;
  reportFacts: ReportFacts;
  payments: PaymentRecords;
  /** What every write made of a Setting, oldest first: of one, or all. */
  settingFacts(uid: string | null): Promise<SettingFact[]>;
  /** What was asked for under callers' own keys. */
  keys: IdempotencyKeys;
  /** What signing in remembers, and the letters that wait. */
  identity: { records: Records; outbox: Outbox; audit: IdentityAudit; accountHistory: AccountHistory };
  /** What people were told. */
  notifications: Notifications;
  /** The letters that wait, for who sends them. */
  letters(seal: LetterSeal): LetterQueue;
  /** The audit trail as a chain; null where it is not kept. */
  auditChain(sign: (text: string) => string): AuditChain | null;
  /** For people: `embedded PostgreSQL in .steward/db`, … */
  description: string;
  /** Shards that this instance holds now. */
  shards(): readonly number[];
  /** True while this instance is the one that does what only one may do. */
  holds(name: string): boolean;
  /** Told when another instance or this one wrote something. Hints only. */
  onWake(listener: () => void): void;
  /** Brings what is sealed under the current key, and seals what is in clear. Answers how many rows. */
  reseal(keys: ResealingKeys): Promise<number>;
  close(): Promise<void>;
}

/** State that ends with the process: for trying things out. */
export function openMemoryStorage(): Storage {
  const books = createMemoryBooks({ now: systemClock.now });
  const store = createMemoryStore({ clock: systemClock, registry: REGISTRY, journaled: journalInto(books) });
  const outbox = createMemoryOutbox();
  const notifications = createMemoryNotifications(systemClock.now);
  const settings = createMemorySettingFacts(systemClock.now);
  const listeners = new Set<() => void>();
  const told =
    <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const result = await write(...args);
      for (const listener of listeners) listener();
      return result;
    };
  return {
    store: {
      ...store,
      write: told(settings.noting(store.write)),
      complete: told(store.complete),
      wake: told(store.wake),
    },
    books: noticing(observing(books, store.coverage), notifications),
    booksReader: createMemoryReader(books),
    counters: createMemoryCounters({ now: systemClock.now, book: books.counted }),
    reportFacts: createMemoryFacts({ books, accounts: () => reportedAccounts(store), now: systemClock.now }),
    payments: createMemoryPayments(),
    settingFacts: settings.facts,
    keys: createMemoryKeys(),
    // Its audit ends with the process as well: who came is in the log.
    identity: {
      records: createMemoryRecords(),
      outbox,
      audit: {
        append: async (entry) => {
          const notice = entry.kind === undefined || entry.kind === 'User' ? userNotice(entry) : null;
          if (notice !== null) await notifications.put([notice]);
        },
      },
      accountHistory: createMemoryAccountHistory(),
    },
    notifications,
    letters: ({ unseal }) =>
      createMemoryQueue(
        async (limit) => [
          ...books.records.mail.map(ofBooks),
          ...(await outbox.waiting(limit)).map((letter) => opened(letter, unseal)),
        ],
        systemClock.now,
      ),
    description: 'memory: gone when the server stops',
    shards: () => ALL_SHARDS,
    holds: () => true,
    onWake: (listener) => listeners.add(listener),
    reseal: async () => 0,
    auditChain: () => null,
    close: async () => undefined,
  };
}

function ofBooks({ account, event, recipient, template, params }: Mail & { account: string }) {
  const id = JSON.stringify([account, event, recipient, template]);
  return { id, template, recipient, params: { account, ...params } };
}

function opened({ id, template, recipient, params }: WaitingLetter, unseal: LetterSeal['unseal']) {
  return { id, template, recipient: unseal(recipient) ?? '', params: JSON.parse(unseal(params) ?? '{}') };
}

import type { BooksReader } from '../billing/loop/books-reader.ts';
import type { BooksStore } from '../billing/loop/books-store.ts';
import type { AttemptStore } from '../billing/payment/attempt-store.ts';
import type { Customers } from '../billing/payment/customers.ts';
import type { ReportFacts } from '../billing/report/facts.ts';
import type { CounterStore } from '../billing/usage/counters/counter-store.ts';
import type { AccountHistory } from '../identity/account-history.ts';
import type { Outbox } from '../identity/letters.ts';
import type { IdentityAudit } from '../identity/parts.ts';
import type { Records } from '../identity/records.ts';
import type { LetterQueue } from '../letters/delivery.ts';
import type { Notifications } from '../letters/notification.ts';
import type { AuditChain } from '../reconciler/audit-chain.ts';
import type { IdempotencyKeys } from '../reconciler/idempotency.ts';
import type { PersonalSeal } from '../reconciler/personal.ts';
import type { EngineStore, ObjectStore } from '../reconciler/store.ts';
import { type AuditChainOptions, createAuditChain } from './audit/audit-chain.ts';
import { createCounterStore } from './books/counters.ts';
import { createBooksReader } from './books/reader.ts';
import { createBooksStore } from './books/store.ts';
import { createDatabase } from './database.ts';
import { createIdempotencyKeys } from './idempotency-keys.ts';
import { createAccountHistory } from './identity/account-history.ts';
import { createIdentityAudit } from './identity/audit.ts';
import { createOutbox } from './identity/outbox.ts';
import { createRecords } from './identity/records.ts';
import { createLeases, type Leases } from './leases.ts';
import { createLetterQueue, type LetterSeal } from './mail/queue.ts';
import { type MigrationResult, migrate } from './migrate.ts';
import { createNotifications } from './notifications/notifications.ts';
import { type Listener, type ListenOptions, listen } from './notify.ts';
import { keptFor, type Partitioned } from './partitions.ts';
import { createAttemptStore, createCustomers } from './payments/store.ts';
import { createSealedRows } from './personal/rows.ts';
import { createPool } from './pool.ts';
import { readOnlyStore } from './read-only.ts';
import { createReportFacts } from './reports/facts.ts';
import { type ResealingKeys, reseal } from './reseal.ts';
import { type Tidied, tidy } from './retention.ts';
import type { Kinds } from './rows.ts';
import { createSettingFacts } from './settings/facts.ts';
import { createStore } from './store.ts';

export interface OpenStoreOptions {
  /** `postgres://…`, from `openDatabase` or a person. */
  url: string;
  registry: Kinds;
  /** Seals what is personal. */
  personal: PersonalSeal;
  /** Connections at most. Default 8. */
  connections?: number;
  /** Days that facts are kept, where that differs from the usual. */
  keptDays?: Partial<Record<Partitioned['table'], number>>;
  /** Errors of idle connections, for the log; the pool recovers by itself. */
  onError?: (error: Error) => void;
  /** Calls that are tried again, for the log and metrics. */
  onRetry?: (error: unknown, attempt: number) => void;
}

export interface OpenStore {
  store: EngineStore & ObjectStore;
  books: BooksStore;
  booksReader: BooksReader;
  counters: CounterStore;
  reportFacts: ReportFacts;
  payments: { attempts: AttemptStore; customers: Customers };
  /** What was asked for under callers' own keys. */
  keys: IdempotencyKeys;
  leases: Leases;
  /** The history of settings: of one, or all. */
  settingFacts: ReturnType<typeof createSettingFacts>;
  /** What signing in remembers, and the letters that wait. */
  identity: { records: Records; outbox: Outbox; audit: IdentityAudit; accountHistory: AccountHistory };
  /** The audit trail as a chain; null when this code is too old to write. */
  auditChain(sign: AuditChainOptions['sign']): AuditChain | null;
  /** What people were told. */
  notifications: Notifications;
  /** Letters that wait to be sent. */
  letters(seal: LetterSeal): LetterQueue;
  /** What migrating found; `readOnly` if this code is too old to write. */
  migration: MigrationResult;
  /** Hears wake-ups of all instances. */
  listen(options: Pick<ListenOptions, 'onWake' | 'onError'>): Promise<Listener>;
  /** Partitions and retention: run it about every hour. */
  tidy(): Promise<Tidied | null>;
  /** Brings what is sealed under the current key, and seals what is in clear: run it at every start. Answers how many rows. */
  reseal(keys: ResealingKeys): Promise<number>;
  close(): Promise<void>;
}

/** Connects, migrates, makes the partitions of today, and puts the store together. */
export async function openStore(options: OpenStoreOptions): Promise<OpenStore> {
  const { url, registry, personal, connections, onError, onRetry } = options;
  const pool = createPool({ url, ...(connections ? { max: connections } : {}), ...(onError ? { onError } : {}) });
  try {
    const migration = await migrate(pool);
    const tables = keptFor(options.keptDays ?? {});
    if (migration.state !== 'readOnly') await tidy(pool, tables);
    const auditKept = tables.find(({ table }) => table === 'audit')?.keptMs ?? 0;
    const database = createDatabase(pool, onRetry ? { onRetry } : {});
    const store = createStore(database, registry, personal);
    return {
      store: migration.state === 'readOnly' ? readOnlyStore(store, migration) : store,
      books: createBooksStore(database, personal),
      booksReader: createBooksReader(database),
      counters: createCounterStore(database),
      reportFacts: createReportFacts(database),
      payments: {
        attempts: createAttemptStore(database),
        customers: createCustomers(database),
      },
      keys: createIdempotencyKeys(database, personal),
      leases: createLeases(database),
      settingFacts: createSettingFacts(database),
      identity: {
        records: createRecords(database, personal),
        outbox: createOutbox(database),
        audit: createIdentityAudit(database, personal),
        accountHistory: createAccountHistory(database),
      },
      auditChain: (sign) =>
        migration.state === 'readOnly' ? null : createAuditChain(database, { sign, keptMs: auditKept }),
      notifications: createNotifications(database),
      letters: (seal) => createLetterQueue(database, seal, personal),
      migration,
      listen: (listener) => listen({ url, ...listener }),
      tidy: async () => (migration.state === 'readOnly' ? null : tidy(pool, tables)),
      reseal: async (keys) =>
        migration.state === 'readOnly'
          ? 0
          : reseal(database, { rows: createSealedRows(registry, personal), personal }, keys),
      close: () => pool.end(),
    };
  } catch (error) {
    await pool.end();
    throw error;
  }
}

import { type AccountBooks, createAccountBooks } from '../../billing/loop/account-books.ts';
import { type LoopPorts, settleDue } from '../../billing/loop/account-loop.ts';
import { auditBooks } from '../../billing/loop/audit.ts';
import type { BooksReader } from '../../billing/loop/books-reader.ts';
import type { BooksStore } from '../../billing/loop/books-store.ts';
import { deliver } from '../../billing/payment/transfer.ts';
import type { BooksApi } from '../../graphql/books/api.ts';
import type { EngineStore, ObjectStore } from '../../reconciler/store.ts';
import type { BooksPort } from '../../resources/ports.ts';
import { machineHolds } from './books-holds.ts';
import { bookStatuses } from './books-status.ts';
import { bookWakes } from './books-wakes.ts';
import { all, bookWishes, projectsOf } from './books-wishes.ts';
import { systemClock } from './environment.ts';
import type { LiveSettings } from './live-settings.ts';

export interface BooksParts {
  store: EngineStore & ObjectStore;
  books: BooksStore;
  booksReader: BooksReader;
  /** Whether this instance is the one that follows the log of changes. Accounts are shared out by their own leases. */
  mine(): boolean;
  /** What was decided; without it nothing is ever paused. */
  settings?: Pick<LiveSettings, 'pauseOf' | 'inForce'>;
  /** Told after every pass: the account may have something to pay. */
  passed?(account: string): void;
  onError(error: unknown): void;
}

export interface OpenBooks {
  port: BooksPort;
  accounts: AccountBooks;
  /** What the API reads of them. */
  api: BooksApi;
  /** Follows what changed and settles what is due; true while there is more. */
  round(): Promise<boolean>;
  /** Does so until the signal ends it. */
  keep(stop: AbortSignal): Promise<void>;
}

const LOOK_EVERY_MS = 1_000;
const BATCH = { limit: 50, leaseMs: 60_000 };

/** The books with the world around them. */
export function openBooks({ store, books, booksReader, settings, mine, passed, onError }: BooksParts): OpenBooks {
  const wishes = bookWishes(store, systemClock.now, settings);
  const accounts = createAccountBooks({ store: books, wishes });
  const ports: LoopPorts = {
    store: books,
    wishes,
    holds: machineHolds(store),
    passed: async (account, added) => {
      if (added > 0) await wakeWishes(store, account);
      passed?.(account);
    },
    deliver: async (left) => deliver(accounts, left, await books.now()),
  };
  const wakes = bookWakes(store, books, wishes.forget);
  // A pause loses nothing: what is due stays due, and all that there is to book is computed from what was observed.
  const paused = () => (settings?.pauseOf('billing') ?? null) !== null;
  const once = async () => !paused() && round(ports, { follow: wakes.follow, mine, onError });
  return {
    accounts,
    api: {
      accounts,
      store: books,
      reader: booksReader,
      audit: () => auditBooks({ store: books, wishes }, booksReader),
      now: books.now,
    },
    port: bookStatuses({ store, current: accounts.current, now: systemClock.now }),
    round: once,
    keep: async (stop) => {
      while (!stop.aborted) {
        if (!(await once())) await systemClock.sleep(LOOK_EVERY_MS, stop);
      }
    },
  };
}

/** True while there is more to do. Whatever goes wrong is told, and tried again a little later. */
async function round(
  ports: LoopPorts,
  { follow, mine, onError }: { follow(): Promise<boolean>; mine(): boolean; onError(error: unknown): void },
): Promise<boolean> {
  try {
    const more = mine() && (await follow());
    const settled = await settleDue(ports, BATCH, (account, error) =>
      onError(new Error(`The books of "${account}" could not be settled.`, { cause: error })),
    );
    return more || settled === BATCH.limit;
  } catch (error) {
    onError(error);
    return false;
  }
}

/** What the books say of an account's wishes may have changed. */
async function wakeWishes(store: EngineStore & ObjectStore, account: string): Promise<void> {
  const [owner] = await store.getByKey([{ kind: 'Account', project: null, name: account }]);
  if (owner === undefined) return;
  await store.wake([owner.metadata.uid]);
  for (const { metadata } of await projectsOf(store, owner))
    for (const kind of ['Subscription', 'Budget', 'Wallet', 'Adjustment']) {
      const objects = await all(store, kind, { project: metadata.name });
      if (objects.length > 0) await store.wake(objects.map((object) => object.metadata.uid));
    }
}

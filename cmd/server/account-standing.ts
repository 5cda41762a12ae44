import { activeHolds } from '../../billing/dunning/dunning.ts';
import type { BooksStore } from '../../billing/loop/books-store.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import { demandsOf } from '../../resources/identity/account/activities.ts';
import { type AccountState, accountState } from '../../resources/identity/account/life.ts';
import { isService } from '../../resources/identity/account/service.ts';
import { briefly } from './brief-cache.ts';

export interface AccountStanding {
  state: AccountState;
  ownerEmail: string | null;
  /** The provider's own. */
  isService: boolean;
  /** What its type demands before it begins. */
  demands: readonly string[];
}

interface Parts {
  store: Pick<ObjectStore, 'getByKey'>;
  books: Pick<BooksStore, 'holds' | 'now'>;
}

/** How an account stands now, by its name; null: there is none. */
export async function accountStanding({ store, books }: Parts, name: string): Promise<AccountStanding | null> {
  const [account] = await store.getByKey([{ kind: 'Account', project: null, name }]);
  if (account === undefined) return null;
  const facts = await books.holds(name);
  const holds = facts.length === 0 ? [] : activeHolds(facts, await books.now());
  const { ownerEmail } = account.spec;
  const demands = account.status.activatedAt === undefined ? await demandsOn(store, account) : [];
  return {
    state: accountState({ active: demands.length === 0, terminated: account.status.terminatedAt !== undefined, holds }),
    ownerEmail: typeof ownerEmail === 'string' ? ownerEmail : null,
    isService: isService(account),
    demands,
  };
}

async function demandsOn(store: Parts['store'], { spec }: StoredObject): Promise<string[]> {
  if (typeof spec.type !== 'string') return [];
  const [type] = await store.getByKey([{ kind: 'AccountType', project: null, name: spec.type }]);
  return demandsOf(type?.spec, String(spec.currency));
}

/** Every request of somebody who signed in asks: an account that is held or ended is so to all instances within a second. */
const KEPT = { forMs: 1_000, max: 10_000 };

export function accountStandings(
  parts: Parts & { clock(): number },
): ((name: string) => Promise<AccountStanding | null>) & { forget(): void } {
  return briefly({ ...KEPT, now: parts.clock }, (name) => accountStanding(parts, name));
}

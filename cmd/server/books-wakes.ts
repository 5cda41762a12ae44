import type { BooksStore } from '../../billing/loop/books-store.ts';
import { SHARED_KINDS } from '../../billing/wish/account-wishes.ts';
import type { ObjectKey, StoredObject } from '../../reconciler/object.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import { all } from './books-wishes.ts';

/** Wishes of one account, and what its holds stop. */
const OWN = ['Subscription', 'Budget', 'Wallet', 'Adjustment', 'PaymentMethod', 'VirtualMachine'];
/** What every account may depend on. */
const SHARED: readonly string[] = [...SHARED_KINDS, 'Setting'];
const KINDS = [...OWN, ...SHARED, 'Account', 'Project'];

const CURSOR = 'books.changes';
const PAGE = 500;
const SEEN_MAX = 50_000;
/** Looks that found nothing move the place in the log, too: it is written down once in so many of them. */
const EMPTY_LOOKS = 300;

/** Follows the event log and makes accounts due whose wishes changed. Losing any of it costs latency: every account looks again by itself. */
export function bookWakes(
  store: Pick<ObjectStore, 'changes' | 'position' | 'getValue' | 'setValue' | 'getByKey' | 'list'>,
  books: BooksStore,
  sharedChanged: () => void,
) {
  // Statuses change all the time, and the books write some of them: only another wish is news.
  const seen = new Map<string, string>();
  const isNews = ({ metadata }: StoredObject) => {
    // Nothing but an approval makes a setting another one without a new generation.
    const now = `${metadata.generation}/${metadata.deletedAt}/${metadata.requests.approve}`;
    if (seen.get(metadata.uid) === now) return false;
    if (seen.size >= SEEN_MAX) seen.clear();
    seen.set(metadata.uid, now);
    return true;
  };
  // Where the look that was not written down ended, and what was written down then.
  let ahead: { written: string; position: string; looks: number } | undefined;
  return {
    /** Reads what is new; answers whether there may be more. */
    follow: async (): Promise<boolean> => {
      const written = (await store.getValue(CURSOR))?.position;
      if (typeof written !== 'string') return begin(store, books);
      const since = ahead?.written === written ? ahead.position : written;
      const looks = ahead?.written === written ? ahead.looks : 0;
      const changes = await store.changes({ since, limit: PAGE, kinds: KINDS });
      if (changes.tooOld) return begin(store, books);
      const accounts = new Set<string>();
      let everybody = false;
      for (const { kind, object, key } of changes.items) {
        if (object !== null && !isNews(object)) continue;
        if (SHARED.includes(kind)) everybody = true;
        else for (const account of await accountsOf(store, { kind, object, key })) accounts.add(account);
      }
      if (everybody) sharedChanged();
      await books.wake(everybody ? await allAccounts(store) : [...accounts]);
      const isWorthWriting = changes.items.length > 0 || looks >= EMPTY_LOOKS;
      if (isWorthWriting && changes.position !== written) await store.setValue(CURSOR, { position: changes.position });
      ahead = isWorthWriting ? undefined : { written, position: changes.position, looks: looks + 1 };
      return changes.items.length >= PAGE;
    },
  };
}

/** Without a place in the log, everybody looks. */
async function begin(store: Pick<ObjectStore, 'position' | 'setValue' | 'list'>, books: BooksStore): Promise<boolean> {
  const position = await store.position();
  await books.wake(await allAccounts(store));
  await store.setValue(CURSOR, { position });
  return false;
}

async function accountsOf(
  store: Pick<ObjectStore, 'getByKey'>,
  { kind, object, key }: { kind: string; object: StoredObject | null; key: ObjectKey },
): Promise<string[]> {
  if (kind === 'Account') return [key.name];
  const named = kind === 'Project' ? object?.spec.account : object?.metadata.account;
  if (typeof named === 'string') return [named];
  if (key.project === null) return [];
  const [project] = await store.getByKey([{ kind: 'Project', project: null, name: key.project }]);
  return typeof project?.spec.account === 'string' ? [project.spec.account] : [];
}

async function allAccounts(store: Pick<ObjectStore, 'list'>): Promise<string[]> {
  return (await all(store, 'Account')).map(({ metadata }) => metadata.name);
}

import { randomUUID } from 'node:crypto';
import type { AccountBooks } from '../../billing/loop/account-books.ts';
import type { BooksStore, Mail } from '../../billing/loop/books-store.ts';
import { command, type MoneyCommand } from '../../billing/payment/command.ts';
import type { Books } from '../../billing/settle/books.ts';
import type { AccountsApi } from '../../graphql/accounts/accounts-api.ts';
import type { AccountEntry, AccountHistory } from '../../identity/account-history.ts';
import type { IdentityAudit } from '../../identity/parts.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { EngineStore, ObjectStore } from '../../reconciler/store.ts';
import { historyOf } from './account-decisions.ts';
import { heldMail, liftedMail, ownersOf } from './account-letters.ts';

export interface AccountLifeParts {
  store: Pick<ObjectStore, 'getByKey' | 'list'> & Pick<EngineStore, 'wake'>;
  books: Pick<BooksStore, 'holds' | 'now'>;
  accounts: Pick<AccountBooks, 'change'>;
  history: AccountHistory;
  audit: IdentityAudit;
  /** The account stands otherwise from now on. */
  changed(): void;
}

/** What people decide about accounts: kept for ever, in the audit, and done by the accounts' loop. */
export function createAccountLife(parts: AccountLifeParts): AccountsApi {
  const { books, history, store } = parts;
  return {
    history: async (account) => {
      const [decisions, holds] = await Promise.all([
        history.of(account.metadata.uid),
        books.holds(account.metadata.name),
      ]);
      return historyOf({ decisions, holds }).toReversed();
    },
    hold: async (account, { source, severity, why }, principal) => {
      const id = `${source}/${randomUUID()}`;
      const owners = await ownersOf(store, account);
      const mail = (at: number) => heldMail(owners, { id, severity, at });
      await decide(parts, account, { wish: { type: 'hold', id, severity, source, why }, mail });
      await noted(parts, account, { what: 'hold', how: `${severity} ${why.reason}: ${why.memo}`, principal });
      return id;
    },
    lift: async (account, { hold, why }, principal) => {
      const owners = await ownersOf(store, account);
      const mail = (at: number) => liftedMail(owners, { id: hold, at });
      const code = await decide(parts, account, { wish: { type: 'lift', id: hold, why }, mail });
      if (code !== null) return code;
      await noted(parts, account, { what: 'lift', how: `${hold} ${why.reason}: ${why.memo}`, principal });
      return null;
    },
    judge: async (account, { type, approved, memo }, principal) => {
      const what = approved ? 'Approved' : 'Declined';
      await history.append(
        entryOf(account, { at: await books.now(), what, actor: principal.actor, detail: type, memo }),
      );
      await noted(parts, account, { what: approved ? 'approve' : 'decline', how: `${type}: ${memo}`, principal });
      await store.wake([account.metadata.uid]);
    },
  };
}

/** Null: it is done; else why not. */
async function decide(
  { accounts, store, changed }: Pick<AccountLifeParts, 'accounts' | 'store' | 'changed'>,
  { metadata }: StoredObject,
  { wish, mail }: { wish: MoneyCommand; mail(at: number): Mail[] },
): Promise<string | null> {
  let code: string | null = null;
  const decided = (books: Books, now: number) => {
    const result = command(books, wish, now);
    code = result.outcome === 'refused' ? result.code : null;
    return result.outcome === 'done' ? result.books : books;
  };
  await accounts.change(metadata.name, decided, mail);
  changed();
  await store.wake([metadata.uid]);
  return code;
}

export function entryOf(
  { metadata }: StoredObject,
  entry: Pick<AccountEntry, 'at' | 'what' | 'actor'> & Partial<AccountEntry>,
): AccountEntry {
  return { detail: '', memo: '', once: null, ...entry, account: metadata.uid };
}

async function noted(
  { audit }: Pick<AccountLifeParts, 'audit'>,
  { metadata: { uid, name } }: StoredObject,
  { what, how, principal }: { what: string; how: string; principal: Parameters<AccountsApi['judge']>[2] },
): Promise<void> {
  const { actor, onBehalfOf, from, requestId } = principal;
  await audit.append({ uid, kind: 'Account', name, what, how, actor, onBehalfOf, from, requestId });
}

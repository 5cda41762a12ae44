import { activeHolds } from '../../billing/dunning/dunning.ts';
import type { AccountBooks } from '../../billing/loop/account-books.ts';
import type { BooksStore, Mail } from '../../billing/loop/books-store.ts';
import { formatMoney } from '../../billing/money/currency.ts';
import { command, type MoneyCommand } from '../../billing/payment/command.ts';
import { walletBalance } from '../../billing/payment/wallet.ts';
import { type Books, creditOf } from '../../billing/settle/books.ts';
import type { AccountEntry, AccountHistory } from '../../identity/account-history.ts';
import type { Records } from '../../identity/records.ts';
import type { NoticeType } from '../../letters/notices.ts';
import type { Notifications } from '../../letters/notification.ts';
import { type Admission, applyManifests } from '../../reconciler/admission/apply.ts';
import { iso } from '../../reconciler/clock.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import { portal } from '../../reconciler/principal.ts';
import type { EngineStore, ObjectStore } from '../../reconciler/store.ts';
import { isEnd } from '../../resources/identity/account/life.ts';
import { TRIAL_HOLD } from '../../resources/identity/account/plan.ts';
import type { AccountSight, AccountsPort } from '../../resources/ports.ts';
import { liftedMail, ownersOf, trialOverMail } from './account-letters.ts';
import { entryOf } from './account-life.ts';
import { all, projectsOf } from './books-wishes.ts';
import { clearAccount, remains } from './clear-account.ts';

export interface AccountPortParts {
  store: ObjectStore & Pick<EngineStore, 'wake'>;
  books: Pick<BooksStore, 'holds' | 'now'>;
  accounts: Pick<AccountBooks, 'change' | 'find'>;
  history: AccountHistory;
  notifications: Pick<Notifications, 'put'>;
  records: Records;
  /** Keys of a proved address among the records of signing in. */
  emailKeys(email: string): readonly string[];
  admission: Admission;
}

const PORTAL = portal('accounts');

/** Accounts as their loop sees them, and what it does in consequence of what was decided. */
export function createAccountPort(parts: AccountPortParts): AccountsPort {
  const { store, books, history } = parts;
  const of = async (uid: string) => (await store.getByUid([uid]))[0];
  const must = async (uid: string): Promise<StoredObject> => {
    const found = await of(uid);
    if (found === undefined) throw new Error(`There is no account with the uid ${uid}.`);
    return found;
  };
  /** Before it is noted: whoever goes on after us tells it no second time, and nobody would tell it once it is noted. */
  const notice = (
    { metadata: { name, uid } }: StoredObject,
    { once, ...told }: { type: NoticeType; once: string; detail: string },
  ) => parts.notifications.put([{ ...told, target: name, event: `account/${uid}/${once}` }]);
  return {
    sight: async (uid) => {
      const account = await of(uid);
      return account === undefined ? null : sightOf(parts, account);
    },
    activate: async (uid) => {
      const account = await must(uid);
      await notice(account, { type: 'AccountActivated', once: 'Activated', detail: typeOf(account) });
      const entry = { what: 'Activated' as const, actor: PORTAL.actor, detail: typeOf(account), once: 'Activated' };
      await history.append(entryOf(account, { ...entry, at: await books.now() }));
    },
    convert: async (uid, type) => {
      const { metadata, spec } = await must(uid);
      // Another type than the one that was looked at may demand what nobody has done.
      if (spec.convertTo !== type) return;
      const wish = { kind: 'Account', metadata: { name: metadata.name }, spec: { type } };
      const request = { manifests: [wish], principal: PORTAL, source: 'portal', takeOver: true };
      const outcome = await applyManifests(parts.admission, request);
      if (!outcome.ok) throw new Error(outcome.issues.map(({ path, message }) => `${path} ${message}`).join('; '));
    },
    note: async (uid) => {
      const account = await must(uid);
      const entries = await history.of(uid);
      const [from, to] = [knownType(entries) || 'none', typeOf(account) || 'none'];
      // Another instance has noted it meanwhile.
      if (from === to) return;
      const once = `Converted/${entries.filter(({ what }) => what === 'Converted').length}`;
      const detail = `${from} → ${to}`;
      await notice(account, { type: 'AccountConverted', once, detail });
      const entry = { what: 'Converted' as const, actor: PORTAL.actor, detail, once };
      await history.append(entryOf(account, { ...entry, at: await books.now() }));
    },
    endTrial: async (uid) => {
      const account = await must(uid);
      const why = { by: PORTAL.actor, reason: 'TrialOver', memo: 'The days of its trial are over.' };
      const mail = mailTo(await ownersOf(store, account), trialOverMail);
      await change(parts, account, {
        wish: { type: 'hold', id: TRIAL_HOLD, severity: 'SUSPEND', source: 'admin', why },
        mail,
      });
    },
    renewTrial: async (uid) => {
      const why = { by: PORTAL.actor, reason: 'TrialConverted', memo: 'It is no trial any more.' };
      const account = await must(uid);
      const mail = mailTo(await ownersOf(store, account), liftedMail);
      await change(parts, account, { wish: { type: 'lift', id: TRIAL_HOLD, why }, mail });
    },
    clear: async (uid) => clearAccount(parts, await must(uid)),
    close: async (uid) => {
      const account = await must(uid);
      await notice(account, { type: 'AccountTerminated', once: 'Terminated', detail: '' });
      const entry = { what: 'Terminated' as const, actor: PORTAL.actor, once: 'Terminated' };
      await history.append(entryOf(account, { ...entry, at: await books.now() }));
    },
  };
}

async function change(
  { accounts }: Pick<AccountPortParts, 'accounts'>,
  { metadata }: StoredObject,
  { wish, mail }: { wish: MoneyCommand; mail(at: number): Mail[] },
): Promise<void> {
  const changed = (books: Books, now: number) => {
    // What holds already is not set a second time.
    if (wish.type === 'hold' && activeHolds(books.holds, now).some(({ id }) => id === wish.id)) return books;
    const result = command(books, wish, now);
    return result.outcome === 'done' ? result.books : books;
  };
  await accounts.change(metadata.name, changed, mail);
}

/** The hold of a trial has one name; each time that it begins or ends is another. */
function mailTo(owners: readonly string[], write: typeof trialOverMail): (at: number) => Mail[] {
  return (at) => write(owners, { id: `${TRIAL_HOLD}/${at}`, at });
}

async function sightOf(parts: AccountPortParts, account: StoredObject): Promise<AccountSight> {
  const { store, books, history } = parts;
  const { uid, name } = account.metadata;
  const [entries, facts, now] = await Promise.all([history.of(uid), books.holds(name), books.now()]);
  const at = (what: AccountEntry['what']) => entries.find((entry) => entry.what === what)?.at;
  const [activatedAt, terminatedAt] = [at('Activated'), at('Terminated')];
  const holds = activeHolds(facts, now).map(({ id, source, severity, from }) => ({
    id,
    source,
    severity,
    since: iso(from),
  }));
  const waits = activatedAt === undefined || account.spec.convertTo !== undefined;
  const left =
    holds.some(isEnd) && terminatedAt === undefined ? await remains(parts, account) : { left: 0, standing: 0 };
  return {
    activatedAt: activatedAt === undefined ? null : iso(activatedAt),
    terminatedAt: terminatedAt === undefined ? null : iso(terminatedAt),
    holds,
    ...(waits ? await doneBy(parts, account) : NOTHING_ASKED),
    verdicts: verdictsOf(entries),
    type: typeOf(account),
    knownType: activatedAt === undefined ? null : knownType(entries),
    typeSince: activatedAt === undefined ? null : iso(typeSince(entries, typeOf(account)) ?? activatedAt),
    users: waits ? (await all(store, 'User', { refersTo: uid })).filter(({ spec }) => spec.account === name).length : 0,
    ...left,
  };
}

/** Of an account that waits for nothing, nobody asks. */
const NOTHING_ASKED = { emailVerified: true, paymentMethod: true, deposited: '0' };

async function doneBy(
  { store, records, emailKeys, accounts }: AccountPortParts,
  account: StoredObject,
): Promise<typeof NOTHING_ASKED> {
  const { ownerEmail, currency } = account.spec;
  const keys = typeof ownerEmail === 'string' ? emailKeys(ownerEmail) : [];
  const proofs = await Promise.all(keys.map((key) => records.get('login', key)));
  const projects = await projectsOf(store, account);
  const methods = await Promise.all(
    projects.map(({ metadata }) => all(store, 'PaymentMethod', { project: metadata.name })),
  );
  const books = await accounts.find(account.metadata.name);
  const paid = books
    ? books.wallets.reduce((sum, { name }) => sum + walletBalance(name, books.walletMoves), creditOf(books))
    : 0n;
  return {
    emailVerified: proofs.some((proof) => proof !== undefined),
    paymentMethod: methods.flat().some(({ metadata }) => metadata.deletedAt === null),
    deposited: formatMoney(paid, String(currency)),
  };
}

function verdictsOf(entries: readonly AccountEntry[]): AccountSight['verdicts'] {
  return Object.fromEntries(
    entries.flatMap(({ what, detail, actor: by, at }) =>
      what === 'Approved' || what === 'Declined' ? [[detail, { approved: what === 'Approved', by, at: iso(at) }]] : [],
    ),
  );
}

/** The type that the history ends with: what it became last, or what it began as. */
function knownType(entries: readonly AccountEntry[]): string {
  return entries.map(becameOf).findLast((type) => type !== null) ?? '';
}

function typeSince(entries: readonly AccountEntry[], type: string): number | undefined {
  return entries.find((entry) => becameOf(entry) === type)?.at;
}

/** The type that an account has from an entry on; null: it says nothing of types. */
function becameOf({ what, detail }: AccountEntry): string | null {
  if (what !== 'Converted') return what === 'Activated' ? detail : null;
  const type = detail.split(' → ')[1] ?? '';
  return type === 'none' ? '' : type;
}

function typeOf({ spec }: StoredObject): string {
  return typeof spec.type === 'string' ? spec.type : '';
}

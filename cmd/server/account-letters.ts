import type { Mail } from '../../billing/loop/books-store.ts';
import type { Letters, LetterTemplate } from '../../identity/letters.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import type { UserSpec } from '../../resources/identity/user/kind.ts';
import { all } from './books-wishes.ts';
import { isOwner } from './identity-objects.ts';

/** What the owners of an account are told about it: that it is held and how severely, but neither why nor by whom. */
export interface AccountLetters {
  /** Addresses of those who are told. */
  owners(account: StoredObject): Promise<string[]>;
  /** `event` says which hold: the same is told once. `at`: epoch ms. */
  trialOver(account: StoredObject, hold: { event: string; at: number }): Promise<void>;
  lifted(account: StoredObject, hold: { event: string; at: number }): Promise<void>;
}

/** Owners of one account who get letters; more have no use for them. */
const OWNERS_MAX = 50;

export function createAccountLetters(parts: { store: Pick<ObjectStore, 'list'>; letters: Letters }): AccountLetters {
  return {
    owners: (account) => owners(parts.store, account),
    trialOver: (account, { event, at }) =>
      tell(parts, account, {
        template: 'TrialOver',
        event: `held:${event}`,
        params: { since: new Date(at).toISOString() },
      }),
    lifted: (account, { event, at }) =>
      tell(parts, account, {
        template: 'AccountReleased',
        event: `lifted:${event}`,
        params: { since: new Date(at).toISOString() },
      }),
  };
}

/** Pure: that a person holds an account, told by the very commit that holds it. */
export function heldMail(
  recipients: readonly string[],
  { id, severity, at }: { id: string; severity: string; at: number },
): Mail[] {
  const isEnd = severity === 'TERMINATE';
  const template: LetterTemplate = isEnd ? 'AccountTerminated' : 'AccountHeld';
  const params = { since: new Date(at).toISOString(), ...(isEnd ? {} : { severity }) };
  return recipients.map((recipient) => ({ event: `held:${id}`, recipient, template, params }));
}

/** Pure: that a person lets it go, told by the commit that does. */
export function liftedMail(recipients: readonly string[], { id, at }: { id: string; at: number }): Mail[] {
  const template: LetterTemplate = 'AccountReleased';
  const params = { since: new Date(at).toISOString() };
  return recipients.map((recipient) => ({ event: `lifted:${id}`, recipient, template, params }));
}

async function tell(
  { store, letters }: { store: Pick<ObjectStore, 'list'>; letters: Letters },
  account: StoredObject,
  letter: { template: LetterTemplate; event: string; params: Record<string, string> },
): Promise<void> {
  const { name, uid } = account.metadata;
  const event = `account:${uid}:${letter.event}`;
  for (const recipient of await owners(store, account))
    await letters.send({ event, recipient, template: letter.template, params: { account: name, ...letter.params } });
}

/** Addresses, each once: the account's own, and those of its owners who are not suspended. */
async function owners(store: Pick<ObjectStore, 'list'>, { metadata, spec }: StoredObject): Promise<string[]> {
  const ownerEmail = typeof spec.ownerEmail === 'string' ? spec.ownerEmail : null;
  const users = (await all(store, 'User', { refersTo: metadata.uid })).filter(
    (user) =>
      user.spec.account === metadata.name &&
      user.metadata.deletedAt === null &&
      user.spec.suspended !== true &&
      isOwner(user.spec as UserSpec, { ownerEmail }),
  );
  const addresses = [ownerEmail, ...users.map(({ spec: { email } }) => email)];
  const found = addresses.flatMap((one) => (typeof one === 'string' && one !== '' ? [[one.toLowerCase(), one]] : []));
  return Object.values(Object.fromEntries(found) as Record<string, string>).slice(0, OWNERS_MAX);
}

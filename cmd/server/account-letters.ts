import type { Letters, LetterTemplate } from '../../identity/letters.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import type { UserSpec } from '../../resources/identity/user/kind.ts';
import { all } from './books-wishes.ts';
import { isOwner } from './identity-objects.ts';

/** What the owners of an account are told about it: that it is held and how severely, but neither why nor by whom. */
export interface AccountLetters {
  /** `event` says which hold: the same is told once. `at`: epoch ms. */
  held(account: StoredObject, hold: { event: string; severity: string; at: number }): Promise<void>;
  trialOver(account: StoredObject, hold: { event: string; at: number }): Promise<void>;
  lifted(account: StoredObject, hold: { event: string; at: number }): Promise<void>;
}

/** Owners of one account who get letters; more have no use for them. */
const OWNERS_MAX = 50;

export function createAccountLetters(parts: { store: Pick<ObjectStore, 'list'>; letters: Letters }): AccountLetters {
  return {
    held: (account, { event, severity, at }) =>
      severity === 'TERMINATE'
        ? tell(parts, account, {
            template: 'AccountTerminated',
            event: `held:${event}`,
            params: { since: new Date(at).toISOString() },
          })
        : tell(parts, account, {
            template: 'AccountHeld',
            event: `held:${event}`,
            params: { since: new Date(at).toISOString(), severity },
          }),
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

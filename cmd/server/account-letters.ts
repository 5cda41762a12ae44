import type { Mail } from '../../billing/loop/books-store.ts';
import type { LetterTemplate } from '../../identity/letters.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import type { UserSpec } from '../../resources/identity/user/kind.ts';
import { all } from './books-wishes.ts';
import { isOwner } from './identity-objects.ts';

/**
 * What the owners of an account are told about it: that it is held and how severely, but neither why nor by whom. Every letter waits from the
 * very commit of the books on that it is about. `id`: the hold's, another for each time. `at`: epoch ms.
 */
interface Turn {
  id: string;
  at: number;
}

export function heldMail(owners: readonly string[], { id, at, severity }: Turn & { severity: string }): Mail[] {
  const isEnd = severity === 'TERMINATE';
  const template = isEnd ? 'AccountTerminated' : 'AccountHeld';
  return mail(owners, { event: `held:${id}`, at, template, ...(isEnd ? {} : { more: { severity } }) });
}

export function trialOverMail(owners: readonly string[], { id, at }: Turn): Mail[] {
  return mail(owners, { event: `held:${id}`, at, template: 'TrialOver' });
}

export function liftedMail(owners: readonly string[], { id, at }: Turn): Mail[] {
  return mail(owners, { event: `lifted:${id}`, at, template: 'AccountReleased' });
}

function mail(
  owners: readonly string[],
  { event, at, template, more }: { event: string; at: number; template: LetterTemplate; more?: Mail['params'] },
): Mail[] {
  const params = { since: new Date(at).toISOString(), ...more };
  return owners.map((recipient) => ({ event, recipient, template, params }));
}

/** Owners of one account who get letters; more have no use for them. */
const OWNERS_MAX = 50;

/** Addresses, each once: the account's own, and those of its owners who are not suspended. */
export async function ownersOf(store: Pick<ObjectStore, 'list'>, { metadata, spec }: StoredObject): Promise<string[]> {
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

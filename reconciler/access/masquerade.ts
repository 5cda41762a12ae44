import type { StoredObject } from '../object.ts';
import type { Authentication, Principal } from '../principal.ts';
import type { ObjectStore } from '../store.ts';
import type { Limit, Statement } from './access.ts';

export const MASQUERADE_MINUTES_MAX = 30;

/** What nobody does as somebody else: what gives access, what costs money with a stored card, and becoming a third person. */
export const MASQUERADE_REFUSED: readonly Limit[] = [
  { verb: '*', kind: 'Masquerade' },
  ...['create', 'update', 'delete'].flatMap((verb) => ['User', 'ApiKey', 'Role'].map((kind) => ({ verb, kind }))),
  ...['create', 'update', 'delete', 'use', 'request', 'override'].map((verb) => ({ verb, kind: 'PaymentMethod' })),
  { verb: 'create', kind: 'Payment' },
  { verb: '*', kind: 'Secret' },
];

/** The person who makes a request, as somebody else: who acts stays the actor, and both stand in every row of the audit trail. */
export function masquerading(principal: Principal, masquerade: StoredObject): Principal {
  const { authentication, ...who } = principal;
  const user = String(masquerade.spec.user);
  return {
    ...who,
    onBehalfOf: `user:${user}`,
    masquerade: masquerade.metadata.name,
    // Nothing of a session: those of the person who acts are not the customer's. It has to last, though.
    ...(authentication && {
      authentication: { ...authentication, user, session: null, behind: behindOf(authentication) },
    }),
  };
}

function behindOf({ user, session }: Authentication): Pick<Authentication, 'user' | 'session'> {
  return { user, session };
}

/** Why a Masquerade does not count for this actor now; null: it does. Pure but for the user that is looked up. */
export async function masqueradeFault(
  store: Pick<ObjectStore, 'getByKey'>,
  masquerade: StoredObject | undefined,
  { actor, now }: { actor: string; now: number },
): Promise<string | null> {
  if (!masquerade || masquerade.metadata.deletedAt !== null || masquerade.metadata.createdBy !== actor)
    return 'is none of yours; make one, with a reason.';
  const { user, account, minutes } = masquerade.spec;
  const lasts = Math.min(Number(minutes), MASQUERADE_MINUTES_MAX) * 60_000;
  if (!(Date.parse(masquerade.metadata.createdAt) + lasts > now)) return 'is over; make another one, with a reason.';
  const [person] = await store.getByKey([{ kind: 'User', project: null, name: String(user) }]);
  return personFault(person, account);
}

/** Only the account's own people see it, so it must be the user's account that is named. */
export function personFault(person: StoredObject | undefined, account: unknown): string | null {
  if (!person || person.metadata.deletedAt !== null || person.spec.suspended === true)
    return 'names no user who may sign in.';
  return person.spec.account === account ? null : 'names an account that is not the user’s.';
}

/** Whether somebody may be acted as: the provider's own people may not. */
export function isCustomer(statements: readonly Statement[]): boolean {
  return statements.every(({ side }) => side !== 'provider');
}

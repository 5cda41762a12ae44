import type { Parts, Person } from '../../identity/parts.ts';
import { targetOf } from '../../reconciler/access/access.ts';
import type { Verb } from '../../reconciler/access/rule.ts';
import { withAccess } from '../../reconciler/admission/permissions.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import { authorize } from '../../reconciler/principal.ts';
import type { Context } from '../context.ts';
import { UserError } from '../derive/list.ts';

/** Signing in, where it is served. */
export function identityOf({ api }: Context): Parts {
  if (!api.identity) throw new UserError('Signing in is not served here.');
  return api.identity;
}

/** The user of the session that asks. A key or the administrator's token has no sessions of its own. */
export async function callerOf(context: Context): Promise<{ parts: Parts; person: Person; session: string }> {
  const parts = identityOf(context);
  const { authentication } = context.principal;
  const person = authentication?.session ? await parts.people.byName(authentication.user) : undefined;
  if (!person || !authentication?.session)
    throw new UserError('Only a session of a person has this: sign in with "steward login" or in the browser.');
  return { parts, person, session: authentication.session };
}

/** An object that the caller may do this to. What may not be seen does not exist. */
export async function allowedObject(
  context: Context,
  { kind, name, verb }: { kind: 'User' | 'ApiKey'; name: string; verb: Verb },
): Promise<StoredObject> {
  const object = await context.byKey({ kind, project: null, name });
  if (!object) throw new UserError(`There is no ${kind} "${name}".`);
  const principal = await withAccess(context.api.admission, context.principal);
  if (!authorize(principal, verb, targetOf(object), []))
    throw new UserError(`${principal.actor} may not change ${kind} "${name}".`);
  return object;
}

/** What gives access to somebody's rights needs a recent proof of who asks; a key proves it with each request. */
export function needFresh({ principal }: Context, { policy, now }: Parts): void {
  const { authentication } = principal;
  if (!authentication || authentication.session === null) return;
  if (now() - authentication.provedAt >= policy.freshMs)
    throw new UserError('Prove first who you are: POST /auth/prove, or sign in anew.');
}

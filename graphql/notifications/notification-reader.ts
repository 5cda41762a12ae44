import { allows, allowsProvider, unlimited } from '../../reconciler/access/access.ts';
import { withAccess } from '../../reconciler/admission/permissions.ts';
import { accessOf } from '../../reconciler/principal.ts';
import { notThere } from '../books/access.ts';
import type { Context } from '../context.ts';
import { UserError } from '../derive/list.ts';
import type { NotificationReader } from './notifications-api.ts';

/**
 * What is the caller's own to read: what they were told, what their account was told as far as their role says, and what the provider's
 * people were told if they are such. `account`: another one, for who may read its notifications; to everybody else it is not there.
 */
export async function readerOf(context: Context, account: string | null): Promise<NotificationReader> {
  const { api, principal } = context;
  const access = accessOf(await withAccess(api.admission, principal));
  // A key is given for something: one that is not given for this tells nothing that its user was told.
  if (!unlimited(access, 'get', 'Notification'))
    throw new UserError('The scopes of this key do not reach notifications: give it get of Notification.');
  const may = (whose: string) => allows(access, 'get', { kind: 'Notification', project: null, account: whose });
  const name = principal.authentication?.user ?? null;
  const person = name === null ? undefined : await api.identity?.people.byName(name);
  const own = person?.account ?? null;
  if (account !== null && account !== own && !may(account)) throw notThere(account);
  const whose = account ?? own;
  return {
    reader: person?.uid ?? principal.actor,
    user: person?.name ?? null,
    account: whose,
    knowsAccount: whose !== null && may(whose),
    isProvider: allowsProvider(access, 'get', { kind: 'Notification', project: null, account: null }),
  };
}

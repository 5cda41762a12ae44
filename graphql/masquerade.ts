import { GraphQLError } from 'graphql';
import { masqueradeFault, masquerading } from '../reconciler/access/masquerade.ts';
import type { Principal } from '../reconciler/principal.ts';
import type { Api } from './api.ts';

/** Name of the Masquerade under which a request is made. */
export const MASQUERADE_HEADER = 'x-steward-masquerade';

/** Whether the Masquerade under which somebody asks lasts; nobody masquerades most of the time. */
export async function masqueradeStands(
  { admission: { store, environment } }: Pick<Api, 'admission'>,
  { actor, masquerade: name }: Principal,
): Promise<boolean> {
  if (name === undefined) return true;
  const [masquerade] = await store.getByKey([{ kind: 'Masquerade', project: null, name }]);
  return (await masqueradeFault(store, masquerade, { actor, now: environment.clock.now() })) === null;
}

/** The caller as the customer's user that the caller's own Masquerade names, while it lasts. */
export async function actingAs(
  { admission }: Pick<Api, 'admission'>,
  principal: Principal,
  name: string,
): Promise<Principal> {
  const { store, environment } = admission;
  const [masquerade] = await store.getByKey([{ kind: 'Masquerade', project: null, name: name.slice(0, 63) }]);
  const signedIn = principal.authentication?.session != null;
  const fault = signedIn
    ? await masqueradeFault(store, masquerade, { actor: principal.actor, now: environment.clock.now() })
    : 'is for people who signed in.';
  if (fault === null && masquerade) return masquerading(principal, masquerade);
  throw new GraphQLError(`The masquerade "${name.slice(0, 63)}" ${fault}`, {
    extensions: { code: 'FORBIDDEN', http: { status: 403 } },
  });
}

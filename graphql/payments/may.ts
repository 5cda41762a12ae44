import { GraphQLError } from 'graphql';
import { allows } from '../../reconciler/access/access.ts';
import type { Verb } from '../../reconciler/access/rule.ts';
import { withAccess } from '../../reconciler/admission/permissions.ts';
import { accessOf } from '../../reconciler/principal.ts';
import { notThere } from '../books/access.ts';
import type { Context } from '../context.ts';
import { UserError } from '../derive/list.ts';
import type { PaymentsApi } from './payments-api.ts';

/** Refuses what the caller may not do with an account's money, in the same words whether there is such an account or not. */
export async function may(
  { api, principal }: Context,
  { verb, kind, account }: { verb: Verb; kind: 'Payment' | 'PaymentMethod' | 'Adjustment'; account: string },
): Promise<void> {
  const acting = await withAccess(api.admission, principal);
  if (allows(accessOf(acting), verb, { kind, project: null, account })) {
    const [owner] = await api.admission.store.getByKey([{ kind: 'Account', project: null, name: account }]);
    if (owner === undefined) throw notThere(account);
    return;
  }
  throw new GraphQLError(`${principal.actor} may not ${verb} ${kind} of the account "${account}".`, {
    extensions: { code: 'FORBIDDEN' },
  });
}

export function paymentsOf({ api }: Context): PaymentsApi {
  if (api.payments === undefined) throw new UserError('This server takes no payments.');
  return api.payments;
}

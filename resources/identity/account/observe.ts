import type { ObserveInput } from '../../../reconciler/kind.ts';
import { nothingSeen, type Observation } from '../../../reconciler/observation.ts';
import type { AccountSight, Ports } from '../../ports.ts';
import type { AccountSpec, AccountStatus } from './kind.ts';

/** The books, the people and the history of accounts are one place. */
const LIFE = 'accounts';

/** What is known of an account. Nothing of it stands outside, so there is nothing to remove. */
export async function observeAccount(
  { accounts }: Ports,
  { object, now }: Pick<ObserveInput<AccountSpec, AccountStatus>, 'object' | 'now'>,
): Promise<Observation<AccountSight>> {
  const { uid, deletedAt } = object.metadata;
  const state = deletedAt === null ? ((await accounts?.sight(uid)) ?? null) : null;
  if (state === null) return nothingSeen(now);
  return { sightings: [{ place: LIFE, owned: true, state }], silent: [], asOf: now };
}

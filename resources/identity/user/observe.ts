import type { ObserveInput } from '../../../reconciler/kind.ts';
import { nothingSeen, type Observation } from '../../../reconciler/observation.ts';
import type { Ports, Standing } from '../../ports.ts';
import type { UserSpec, UserStatus } from './kind.ts';

/** Signing in is where something of a user can be kept. */
const SIGN_IN = 'sign-in';

export async function observeStanding(
  { identity }: Ports,
  { object, now }: Pick<ObserveInput<UserSpec, UserStatus>, 'object' | 'now'>,
): Promise<Observation<Standing>> {
  const standing = await identity?.standing(object.metadata.uid);
  if (!standing?.known) return nothingSeen(now);
  return { sightings: [{ place: SIGN_IN, owned: true, state: standing }], silent: [], asOf: now };
}

import type { ObserveInput } from '../../../reconciler/kind.ts';
import { nothingSeen, type Observation } from '../../../reconciler/observation.ts';
import type { Ports } from '../../ports.ts';
import type { MasqueradeSpec } from './kind.ts';

/** Letters are the one place where something of a masquerade can be. */
const LETTERS = 'letters';

/** Whether the customer was told. A letter stays when the masquerade goes. */
export async function observeMasquerade(
  { identity }: Ports,
  { object, now }: Pick<ObserveInput<MasqueradeSpec, object>, 'object' | 'now'>,
): Promise<Observation<{ told: boolean }>> {
  if (identity === undefined || object.metadata.deletedAt !== null) return nothingSeen(now);
  const state = { told: await identity.isMasqueradeTold(object.metadata.uid) };
  return { sightings: [{ place: LETTERS, owned: true, state }], silent: [], asOf: now };
}

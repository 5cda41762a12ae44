import type { Metadata } from '../../../reconciler/object.ts';
import { nothingSeen, type Observation } from '../../../reconciler/observation.ts';
import type { Ports } from '../../ports.ts';
import type { Standing } from './facts.ts';

/** Its facts say what is in force of it: they are kept when it is gone, and nothing of it stands anywhere else. */
const PLACE = 'settings';

export async function observeSetting(
  { settings }: Pick<Ports, 'settings'>,
  { object, now }: { object: { metadata: Pick<Metadata, 'uid' | 'deletedAt'> }; now: number },
): Promise<Observation<Pick<Standing, 'inForce' | 'awaiting'>>> {
  const state = (await settings?.standing(object.metadata.uid)) ?? null;
  if (state === null || object.metadata.deletedAt !== null) return nothingSeen(now);
  return { sightings: [{ place: PLACE, owned: true, state }], silent: [], asOf: now };
}

import { reason } from '../../../reconciler/json.ts';
import type { PlanInput } from '../../../reconciler/kind.ts';
import type { Plan } from '../../../reconciler/plan.ts';
import type { HostSpec, HostStatus } from './kind.ts';
import type { HostSight } from './observe.ts';

const RETRY_MS = 15_000;

/** Nothing is ever done to a host: it is looked at. It may go once nothing of ours is on it. */
export function planHost({ object, observed, deleting }: PlanInput<HostSpec, HostStatus, HostSight>): Plan {
  const [silent] = observed.silent;
  if (silent) {
    const params = { uri: object.spec.uri, message: silent.message ?? silent.code };
    return { waiting: reason(deleting ? 'HostSilentWhileDeleting' : 'HostUnreachable', params), afterMs: RETRY_MS };
  }
  const [sighting] = observed.sightings;
  if (!deleting || !sighting) return { steps: [] };
  const { machines } = sighting.state;
  return {
    waiting: reason('HostHoldsMachines', { count: machines.length, first: machines[0] ?? '' }),
    afterMs: RETRY_MS,
  };
}

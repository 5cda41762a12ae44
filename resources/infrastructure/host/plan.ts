import { reason } from '../../../reconciler/json.ts';
import type { PlanInput } from '../../../reconciler/kind.ts';
import type { Plan } from '../../../reconciler/plan.ts';
import { twinOf } from './allocate.ts';
import type { HostSpec, HostStatus } from './kind.ts';
import type { HostSight } from './observe.ts';

const RETRY_MS = 15_000;
const IDENTIFY_MS = 20;

/** Nothing is ever done to a host: it is looked at. It may go once nothing of ours is on it. */
export function planHost({ object, claims, observed, deleting }: PlanInput<HostSpec, HostStatus, HostSight>): Plan {
  const [silent] = observed.silent;
  if (silent) {
    const params = { uri: object.spec.uri, message: silent.message ?? silent.code };
    return { waiting: reason(deleting ? 'HostSilentWhileDeleting' : 'HostUnreachable', params), afterMs: RETRY_MS };
  }
  const [sighting] = observed.sightings;
  if (!sighting) return { steps: [] };
  const { machines, facts } = sighting.state;
  if (!deleting) return identified({ told: facts.uuid, known: object.status.uuid, twin: twinOf(claims) });
  return {
    waiting: reason('HostHoldsMachines', { count: machines.length, first: machines[0] ?? '' }),
    afterMs: RETRY_MS,
  };
}

/** A machine is claimed by what was told before, so what is told for the first time is looked at once more. */
function identified(machine: { told: string | null; known: string | undefined; twin: string | undefined }): Plan {
  const { told, known, twin } = machine;
  if (told !== null && told !== known) return { waiting: reason('HostIdentifying'), afterMs: IDENTIFY_MS };
  if (twin === undefined) return { steps: [] };
  return { waiting: reason('SameMachine', { uuid: known ?? '', host: twin }), afterMs: RETRY_MS };
}

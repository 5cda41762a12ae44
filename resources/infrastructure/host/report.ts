import { reason } from '../../../reconciler/json.ts';
import type { ConditionReport, PlanInput, Report } from '../../../reconciler/kind.ts';
import type { HostSpec, HostStatus } from './kind.ts';
import type { HostSight } from './observe.ts';

const UNMANAGED_MAX = 100;

export function reportHost({ object, observed }: PlanInput<HostSpec, HostStatus, HostSight>): Report<HostStatus> {
  const [sighting] = observed.sightings;
  const [silent] = observed.silent;
  if (silent) {
    const params = { uri: object.spec.uri, message: silent.message ?? silent.code };
    return { status: {}, conditions: [reachable('False', reason('HostUnreachable', params))] };
  }
  if (!sighting) return { status: {}, conditions: [] };
  return { status: statusOf(sighting.state), conditions: [reachable('True', reason('HostAnswers'))] };
}

function reachable(status: ConditionReport['status'], why: ConditionReport['reason']): ConditionReport {
  return { type: 'Reachable', status, reason: why };
}

/** Only what seldom changes: every change of a status wakes all that refer to the object, here every machine of the host. */
function statusOf({ facts, unmanaged }: HostSight): Partial<HostStatus> {
  const { uuid, ...told } = facts;
  return {
    ...told,
    ...(uuid === null ? {} : { uuid }),
    unmanagedTotal: unmanaged.length,
    unmanaged: unmanaged.slice(0, UNMANAGED_MAX),
  };
}

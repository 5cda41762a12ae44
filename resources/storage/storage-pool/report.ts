import type { CapacityRow } from '../../../reconciler/claims.ts';
import { type Reason, reason } from '../../../reconciler/json.ts';
import type { ConditionReport, PlanInput, Report } from '../../../reconciler/kind.ts';
import type { StoragePoolSpec, StoragePoolStatus } from './kind.ts';
import type { PoolState } from './observe.ts';

type Input = PlanInput<StoragePoolSpec, StoragePoolStatus, PoolState>;
/** Also the least that a pool must have free for anything new. */
const LEAST_STEP_MIB = 256;

type HostState = NonNullable<StoragePoolStatus['hosts']>[number];

export function reportStoragePool(input: Input): Report<StoragePoolStatus> {
  const hosts = hostStates(input);
  return { status: { ...space(input), shared: hosts.length > 1, hosts }, conditions: conditions(hosts) };
}

/**
 * What the pool may promise: the bytes there are, times the overcommit; with several hosts, what the least of them says, since they see
 * the same files. Null while nobody answers, so that an outage changes no limit.
 */
export function poolCapacity(input: Input): Omit<CapacityRow, 'used'>[] | null {
  const { capacityMiB } = space(input);
  if (capacityMiB === undefined) return null;
  const limit = Math.floor((capacityMiB * input.object.spec.overcommitPercent) / 100);
  return [{ place: input.object.metadata.uid, resource: 'storageMiB', limit }];
}

function space({ observed, object }: Input): Partial<StoragePoolStatus> {
  const active = observed.sightings.filter(
    ({ owned, state }) => owned && state.active && state.path === object.spec.path,
  );
  if (active.length === 0) return {};
  const capacityMiB = Math.min(...active.map(({ state }) => state.capacityMiB));
  const availableMiB = Math.min(...active.map(({ state }) => state.availableMiB));
  // Every change of a status wakes all that refer to the object, here every volume of the pool: so only in big steps.
  const stepMiB = Math.max(LEAST_STEP_MIB, Math.ceil(capacityMiB / 100));
  return { capacityMiB, availableMiB: Math.floor(availableMiB / stepMiB) * stepMiB };
}

function hostStates({ claims, observed, object }: Input): HostState[] {
  const silent = new Set(observed.silent.map(({ place }) => place));
  return (claims?.places ?? []).map((uid) => {
    if (silent.has(uid)) return { uid, state: 'Silent' };
    const seen = observed.sightings.find(({ place }) => place === uid);
    if (!seen) return { uid, state: 'Missing' };
    if (!seen.owned) return { uid, state: 'Foreign' };
    return { uid, state: seen.state.active && seen.state.path === object.spec.path ? 'Active' : 'Inactive' };
  });
}

/**
 * `Active` is what others wait for: the pool can be used. One silent host of several does not take it away from the rest; `Reached`, which
 * Ready does not depend on, says so.
 */
function conditions(hosts: readonly HostState[]): ConditionReport[] {
  const count = (state: HostState['state']) => hosts.filter((host) => host.state === state).length;
  const active = count('Active');
  const silent = count('Silent');
  const params = { active, silent, total: hosts.length };
  const reached: ConditionReport = {
    type: 'Reached',
    status: silent === 0 ? 'True' : 'Unknown',
    reason: silent === 0 ? reason('AllHostsAnswer') : reason('HostsSilent', params),
  };
  if (active === 0 && silent > 0) return [activeIs('Unknown', reason('HostsSilent', params)), reached];
  if (active + silent < hosts.length || active === 0)
    return [activeIs('False', reason('NotEverywhere', params)), reached];
  return [activeIs('True', reason('PoolActive', params)), reached];
}

function activeIs(status: ConditionReport['status'], why: Reason): ConditionReport {
  return { type: 'Active', status, reason: why };
}

import type { CapacityRow } from '../../../reconciler/claims.ts';
import type { PlanInput } from '../../../reconciler/kind.ts';
import { typed } from '../../typed.ts';
import type { ClusterSpec } from '../cluster/kind.ts';
import { machineOf } from './allocate.ts';
import type { HostSpec, HostStatus } from './kind.ts';
import type { HostSight } from './observe.ts';

/**
 * What a host may promise: what it has, less what it keeps for itself, times the overcommit (its own, else its cluster's). Integers,
 * rounded down; `cpuMilli` in thousandths of a CPU, `memoryMiB`. Null while it has not answered, so that an outage changes no limit, and
 * while it has not got the machine that it is for itself: that may be promised by another host.
 */
export function hostCapacity({
  object,
  claims,
  observed,
  refs,
}: PlanInput<HostSpec, HostStatus, HostSight>): Omit<CapacityRow, 'used'>[] | null {
  const [sighting] = observed.sightings;
  if (!sighting || sighting.state.facts.uuid !== machineOf(claims)) return null;
  const { uid: place } = object.metadata;
  const { cpus, memoryMiB } = sighting.state.facts;
  const { cpuPercent, memoryPercent } = overcommitOf(
    object.spec,
    typed<ClusterSpec, object>(refs.at('/cluster'))?.spec,
  );
  return [
    { place, resource: 'cpuMilli', limit: promised((cpus - object.spec.reservedCpus) * 1000, cpuPercent) },
    { place, resource: 'memoryMiB', limit: promised(memoryMiB - object.spec.reservedMemoryMiB, memoryPercent) },
  ];
}

function overcommitOf(host: HostSpec, cluster: ClusterSpec | undefined) {
  return {
    cpuPercent: host.cpuOvercommitPercent ?? cluster?.cpuOvercommitPercent ?? 100,
    memoryPercent: host.memoryOvercommitPercent ?? cluster?.memoryOvercommitPercent ?? 100,
  };
}

function promised(free: number, percent: number): number {
  return Math.floor((Math.max(0, free) * percent) / 100);
}

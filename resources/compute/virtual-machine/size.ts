import { type Reason, reason } from '../../../reconciler/json.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import { typed } from '../../typed.ts';
import type { ComputeOfferingSpec } from '../compute-offering/kind.ts';
import type { MachineWish } from './spec.ts';

export interface Size {
  cpus: number;
  maxCpus: number;
  memoryMiB: number;
  maxMemoryMiB: number;
  cpuShares: number;
  cpuLimitMilli: number | null;
  nicRateMbps: number | null;
}

/** libvirt's weight of one CPU where nothing else is said. */
const SHARES_PER_CPU = 1024;
const SHARES_MAX = 262_144;

/** The size of a machine: its own words within the bounds of its offering. Pure. */
export function machineSize(spec: MachineWish, offering: StoredObject | undefined): Size | { refused: Reason } {
  const offered = typed<ComputeOfferingSpec, object>(offering)?.spec;
  const cpus = choose('cpus', spec.cpus, { exact: offered?.cpus, from: offered?.minCpus, to: offered?.maxCpus });
  const memory = choose('memoryMiB', spec.memoryMiB, {
    exact: offered?.memoryMiB,
    from: offered?.minMemoryMiB,
    to: offered?.maxMemoryMiB,
  });
  if (typeof cpus !== 'number') return cpus;
  if (typeof memory !== 'number') return memory;
  // Weight and limit follow the most CPUs it may have, so that adding one to a running machine does not change them.
  const maxCpus = Math.max(cpus, spec.maxCpus ?? cpus);
  const shares = Math.round((SHARES_PER_CPU * maxCpus * (offered?.cpuShares ?? 100)) / 100);
  const percent = offered?.cpuLimitPercent;
  return {
    cpus,
    maxCpus,
    memoryMiB: memory,
    maxMemoryMiB: Math.max(memory, spec.maxMemoryMiB ?? memory),
    cpuShares: Math.min(Math.max(shares, 2), SHARES_MAX),
    cpuLimitMilli: percent === undefined ? null : maxCpus * percent * 10,
    nicRateMbps: offered?.nicRateMbps ?? null,
  };
}

function choose(
  field: string,
  wished: number | undefined,
  { exact, from, to }: { exact: number | undefined; from: number | undefined; to: number | undefined },
): number | { refused: Reason } {
  if (exact !== undefined) {
    if (wished === undefined || wished === exact) return exact;
    return { refused: reason('SizeNotOffered', { field, wished, offered: String(exact) }) };
  }
  if (wished === undefined) return { refused: reason('SizeMissing', { field }) };
  if ((from === undefined || wished >= from) && (to === undefined || wished <= to)) return wished;
  return { refused: reason('SizeNotOffered', { field, wished, offered: `${from ?? 1}-${to ?? 'any'}` }) };
}

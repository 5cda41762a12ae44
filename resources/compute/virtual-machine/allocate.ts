import type {
  Allocation,
  CapacityClaim,
  Claims,
  Consultation,
  PlacementNote,
  World,
} from '../../../reconciler/claims.ts';
import { jsonEqual } from '../../../reconciler/equal.ts';
import { type Reason, reason } from '../../../reconciler/json.ts';
import type { Subject } from '../../../reconciler/kind.ts';
import { type HostCandidate, hostCandidates, PLACEMENT_KINDS } from '../../placement/candidate.ts';
import { place } from '../../placement/place.ts';
import { addressClaims, ipPool, ipSlot, MAC_POOL, namePool, nameSlot, networksOf } from './addresses.ts';
import { isGone, leavingClaims } from './leaving.ts';
import { filesPool, newDiskPools } from './machine-pools.ts';
import { placementWish } from './placement-wish.ts';
import { hostnameOf, seedFileName, seedWish } from './seed.ts';
import { machineSize, type Size } from './size.ts';
import type { MachineWish, NicWish } from './spec.ts';
import type { MachineStatus } from './status.ts';

export type MachineSubject = Subject<MachineWish, MachineStatus>;
export type AllocateInput = MachineSubject & { world: World; held: Claims | null; attempt: number };

const RETRY_MS = 30_000;

/** Looks at the hosts, and at the addresses of those networks from which something must still be chosen. */
export function consultMachine({ object, refs }: MachineSubject): Consultation {
  const { allocated } = object.status;
  const networks = networksOf(object.spec, refs);
  const uidsOf = (nics: readonly NicWish[]) => nics.flatMap(({ name }) => networks.get(name)?.metadata.uid ?? []);
  const { nics } = object.spec;
  const ips = uidsOf(nics.filter((nic) => nic.ip !== undefined || allocated[ipSlot(nic.name)] === undefined));
  const names = uidsOf(nics.filter((nic) => allocated[nameSlot(nic.name)] !== hostnameOf(object)));
  const macs = object.spec.nics.some((nic) => nic.mac !== undefined) ? [MAC_POOL] : [];
  return {
    kinds: PLACEMENT_KINDS,
    pools: [...new Set([...ips.map(ipPool), ...names.map(namePool), ...macs])],
    capacity: true,
  };
}

/** False when something let go was seen gone, the seed is to be another file, or the room held is not the room wanted. */
export function machineFits({ object, refs, held }: MachineSubject & { held: Claims }): boolean {
  const size = machineSize(object.spec, refs.at('/offering'));
  if (!('refused' in size) && !jsonEqual(capacityFor(size, object, held.chosen.host ?? ''), held.capacity))
    return false;
  if (held.unique.some(({ slot }) => isGone(slot, object.status))) return false;
  const wish = seedWish(object, refs);
  const file = wish ? `seed/${seedFileName(wish)}` : null;
  if (file !== null && held.chosen[file] === undefined) return false;
  return !Object.keys(held.chosen).some((slot) => slot !== file && isGone(slot, object.status));
}

/** Host, addresses, room and pools: chosen once, kept for life, let go only once seen gone. Pure. */
export function allocateMachine(input: AllocateInput): Allocation {
  const { object, refs, held } = input;
  const size = machineSize(object.spec, refs.at('/offering'));
  if ('refused' in size) return { waiting: size.refused, afterMs: 10 * RETRY_MS };
  const hosts = hostCandidates(input.world);
  const home = homeOf(input, hosts, size);
  if ('waiting' in home) return home;
  const addresses = addressClaims({
    ...input,
    uid: object.metadata.uid,
    hostname: hostnameOf(object),
    spec: object.spec,
  });
  if ('refused' in addresses) return waiting(addresses.refused);
  const files = filesOf(input, home.host);
  if ('refused' in files) return waiting(files.refused);
  const disks = newDiskPools(input, home.host);
  if ('refused' in disks) return waiting(disks.refused);
  return {
    claims: {
      places: [home.host.uid],
      unique: [...addresses, ...leavingClaims({ held, wanted: addresses, status: object.status })],
      capacity: affordable({ wanted: capacityFor(size, object, home.host.uid), held, host: home.host }),
      chosen: { host: home.host.uid, hostName: home.host.name, ...files.chosen, ...disks.chosen },
      ...(home.explanation ? { explanation: home.explanation } : {}),
    },
  };
}

type Home = { host: HostCandidate; explanation: PlacementNote[] | null };

function homeOf(
  input: AllocateInput,
  hosts: readonly HostCandidate[],
  size: Size,
): Home | Extract<Allocation, { waiting: Reason }> {
  const { held, attempt, object } = input;
  if (held?.chosen.host !== undefined) {
    const host = hosts.find(({ uid }) => uid === held.chosen.host);
    return host
      ? { host, explanation: null }
      : waiting(reason('HostGone', { host: held.chosen.hostName ?? held.chosen.host }));
  }
  if (object.metadata.adopt !== null && object.spec.placement.host === undefined && hosts.length > 1) {
    return waiting(reason('AdoptNeedsHost'));
  }
  const placement = place({ wish: placementWish(input, size), hosts, attempt });
  if (placement.host === null) return { ...waiting(placement.why), explanation: placement.explanation };
  return { host: placement.host, explanation: placement.explanation };
}

/** What a running machine has counts until it was seen to have less. */
function capacityFor(size: Size, { status }: MachineSubject['object'], place: string): CapacityClaim[] {
  const runs = status.runId !== undefined && status.runId !== null;
  const cpus = Math.max(size.cpus, runs ? (status.cpus ?? 0) : 0);
  const memoryMiB = Math.max(size.memoryMiB, runs ? (status.memoryMiB ?? 0) : 0);
  return [
    { place, resource: 'cpuMilli', amount: cpus * 1000 },
    { place, resource: 'memoryMiB', amount: memoryMiB },
  ];
}

/** A machine that cannot grow on its host stays as big as it is, and is looked after as that. */
function affordable(input: { wanted: CapacityClaim[]; held: Claims | null; host: HostCandidate }): CapacityClaim[] {
  const { wanted, held, host } = input;
  if (held === null || held.capacity.length === 0) return wanted;
  return wanted.map((claim) => {
    const has = held.capacity.find(({ resource }) => resource === claim.resource)?.amount ?? 0;
    const room = claim.resource === 'cpuMilli' ? host.cpuMilli : host.memoryMiB;
    const free = room === null ? 0 : room.limit - room.used;
    return claim.amount - has <= Math.max(free, 0) ? claim : { ...claim, amount: has };
  });
}

/** Pool of its small files (seed, ISO), and the seeds that it has or may still have. */
function filesOf(input: AllocateInput, host: HostCandidate): { chosen: Record<string, string> } | { refused: Reason } {
  const { object, refs, held } = input;
  const wish = seedWish(object, refs);
  const needed = (wish !== null && wish !== undefined) || object.spec.cdrom !== undefined;
  const pool = filesPool({ host, held, needed });
  if (pool && 'refused' in pool) return pool;
  const kept = Object.entries(held?.chosen ?? {}).filter(
    ([slot]) => slot.startsWith('seed/') && !isGone(slot, object.status),
  );
  const seed = wish && pool ? { [`seed/${seedFileName(wish)}`]: pool.uid } : {};
  return {
    chosen: {
      ...(pool ? { filesPool: pool.uid, filesPoolName: pool.name } : {}),
      ...Object.fromEntries(kept),
      ...seed,
    },
  };
}

function waiting(why: Reason): { waiting: Reason; afterMs: number } {
  return { waiting: why, afterMs: RETRY_MS };
}

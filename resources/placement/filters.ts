import { type Reason, reason } from '../../reconciler/json.ts';
import type { Amount, HostCandidate } from './candidate.ts';
import { choosePool, type PoolWish } from './pools.ts';

export type Strategy = 'FirstFit' | 'Pack' | 'Spread';

/** What somebody who must live on a host asks of it. */
export interface PlacementWish {
  cpuMilli: number;
  memoryMiB: number;
  tags: readonly string[];
  zone?: string | undefined;
  pod?: string | undefined;
  cluster?: string | undefined;
  host?: string | undefined;
  firmware?: 'bios' | 'uefi';
  accelerator?: 'auto' | 'kvm' | 'tcg';
  machineType?: string | undefined;
  /** Networks and volumes that exist already, with the uids of the hosts that reach them. */
  reach: readonly { kind: string; name: string; hosts: ReadonlySet<string> }[];
  /** Disks and small files that will be made on the host. */
  pools: readonly PoolWish[];
  strategy: Strategy;
  /** Whose placement this is: decides between hosts that are equally good, so that a burst does not land on one. */
  uid: string;
}

export type Filter = (host: HostCandidate, wish: PlacementWish) => Reason | null;

/** Every reason for which a host may be refused, cheapest and most telling first. A host's first refusal is the one that is shown. */
export const FILTERS: readonly Filter[] = [
  constraint('zone'),
  constraint('pod'),
  constraint('cluster'),
  (host, wish) =>
    refuse(wish.host !== undefined && wish.host !== host.name, 'NotWished', { wished: `host ${wish.host}` }),
  (host) => refuse(host.disabledBy !== undefined, 'AllocationDisabled', { where: host.disabledBy ?? '' }),
  (host) => refuse(!host.reachable, 'HostUnreachable'),
  (host) => refuse(host.twinOf !== undefined, 'SameMachineAs', { host: host.twinOf ?? '' }),
  tagged,
  firmware,
  (host, wish) => refuse(wish.accelerator === 'kvm' && host.kvm !== true, 'NoKvm'),
  machineType,
  reached,
  (host, wish) => room('cpuMilli', host.cpuMilli, wish.cpuMilli),
  (host, wish) => room('memoryMiB', host.memoryMiB, wish.memoryMiB),
  storage,
];

/** Templates of the codes above; kinds that place spread them into their messages. */
export const PLACEMENT_MESSAGES: Readonly<Record<string, string>> = {
  NotWished: 'Only {wished} is wished.',
  AllocationDisabled: 'Nothing new is placed here: allocation is disabled on {where}.',
  HostUnreachable: 'The host does not answer.',
  SameMachineAs: 'The host says that it is the same machine as host {host}.',
  TagMissing: 'The host has no tag {tag}.',
  NoFirmware: 'The host has no {firmware} firmware.',
  NoKvm: 'KVM does not work on this host.',
  NoMachineType: 'The hypervisor does not know the machine type {machineType}.',
  OutOfReach: '{kind} "{name}" is not reachable from this host.',
  CapacityUnknown: 'The host has not told its {resource} yet.',
  NotEnough: '{wished} {resource} are wanted, {free} of {limit} are free.',
  NoPool: 'No active pool of this host fits {what}.',
  PoolOutOfReach: 'Pool "{pool}", wished for {what}, is not active on this host.',
  NoHost: 'None of {hosts} hosts can take it: {why}.',
};

function constraint(field: 'zone' | 'pod' | 'cluster'): Filter {
  return (host, wish) =>
    refuse(wish[field] !== undefined && wish[field] !== host[field], 'NotWished', {
      wished: `${field} ${wish[field]}`,
    });
}

function tagged(host: HostCandidate, wish: PlacementWish): Reason | null {
  const tag = wish.tags.find((wished) => !host.tags.includes(wished));
  return tag === undefined ? null : reason('TagMissing', { tag });
}

/** A host that lists no firmware at all has a driver without such a choice. */
function firmware(host: HostCandidate, { firmware: wished }: PlacementWish): Reason | null {
  if (wished === undefined || host.firmware.length === 0 || host.firmware.includes(wished)) return null;
  return reason('NoFirmware', { firmware: wished });
}

/** `q35` stands for any version of it. A host that lists no types is not judged by them. */
function machineType(host: HostCandidate, { machineType: wished }: PlacementWish): Reason | null {
  if (wished === undefined || host.machineTypes.length === 0) return null;
  const known = host.machineTypes.some((type) => type === wished || type.startsWith(`pc-${wished}-`));
  return known ? null : reason('NoMachineType', { machineType: wished });
}

function reached(host: HostCandidate, { reach }: PlacementWish): Reason | null {
  const missing = reach.find((thing) => !thing.hosts.has(host.uid));
  return missing ? reason('OutOfReach', { kind: missing.kind, name: missing.name }) : null;
}

function room(resource: string, amount: Amount | null, wished: number): Reason | null {
  if (wished === 0) return null;
  if (amount === null) return reason('CapacityUnknown', { resource });
  const free = amount.limit - amount.used;
  return wished <= free ? null : reason('NotEnough', { resource, wished, free, limit: amount.limit });
}

function storage(host: HostCandidate, { pools }: PlacementWish): Reason | null {
  for (const wish of pools) {
    const choice = choosePool(host.pools, wish);
    if ('refused' in choice) return choice.refused;
  }
  return null;
}

function refuse(refused: boolean, code: string, params: Reason['params'] = {}): Reason | null {
  return refused ? reason(code, params) : null;
}

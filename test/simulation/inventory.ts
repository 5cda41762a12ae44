import type { HostState, MachineState, NetworkState, VolumeState } from '../../hypervisor/memory/state.ts';
import type { World } from '../../hypervisor/memory/world.ts';
import { seedOwner } from '../../resources/compute/virtual-machine/seed.ts';
import { imageUidOf, snapshotUidOf, volumeUidOf } from '../../resources/storage/names.ts';
import { INSTALLATION } from './cluster.ts';

/** The true state of the hosts, as no process can see it. */

export function hostsOf(world: World): HostState[] {
  return Object.values(world.state.hosts);
}

export function ownMachines(world: World): { host: HostState; machine: MachineState; uid: string }[] {
  return hostsOf(world).flatMap((host) =>
    Object.values(host.machines).flatMap((machine) =>
      machine.owner?.installationId === INSTALLATION ? [{ host, machine, uid: machine.owner.uid }] : [],
    ),
  );
}

export function ownNetworks(world: World): { host: HostState; network: NetworkState }[] {
  return hostsOf(world).flatMap((host) =>
    Object.values(host.networks)
      .filter(({ installationId }) => installationId === INSTALLATION)
      .map((network) => ({ host, network })),
  );
}

export interface FileAt {
  folder: Record<string, VolumeState>;
  path: string;
  host: HostState;
  volume: VolumeState;
  /** Volume, snapshot, image or machine whose name it carries. */
  owner: { kind: 'Volume' | 'VolumeSnapshot' | 'Image' | 'VirtualMachine'; uid: string } | null;
  /** A transfer that was never finished. */
  part: boolean;
}

/** Every file once, whoever shares its folder. */
export function files(world: World): FileAt[] {
  const seen = new Set<object>();
  return hostsOf(world).flatMap((host) =>
    Object.entries(host.folders).flatMap(([path, folder]) => {
      if (seen.has(folder)) return [];
      seen.add(folder);
      return Object.values(folder).map((volume) => ({ folder, path, host, volume, ...ownership(volume.name) }));
    }),
  );
}

function ownership(name: string): Pick<FileAt, 'owner' | 'part'> {
  const part = name.endsWith('.part');
  const whole = part ? name.slice(0, -'.part'.length) : name;
  const volume = volumeUidOf(whole);
  const snapshot = snapshotUidOf(whole);
  const image = imageUidOf(whole);
  const seed = seedOwner(whole);
  if (volume !== null) return { owner: { kind: 'Volume', uid: volume }, part };
  if (snapshot !== null) return { owner: { kind: 'VolumeSnapshot', uid: snapshot }, part };
  if (image !== null) return { owner: { kind: 'Image', uid: image }, part };
  return { owner: seed === null ? null : { kind: 'VirtualMachine', uid: seed }, part };
}

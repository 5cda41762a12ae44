import { createHash } from 'node:crypto';
import type { MachineSpec, NetworkSpec, VolumeAddress } from '../port.ts';
import { findMachine, isActive, powerOff, start, uidOf } from './machine-power.ts';
import { newMachine } from './machines.ts';
import { removeNetwork, stopNetwork } from './networks.ts';
import type { HostState, MachineState } from './state.ts';
import { folderOf } from './volume-state.ts';
import { changed, type World } from './world.ts';

export type OutsideHand = ReturnType<typeof createOutsideHand>;

/** What an operator with a shell on the host can do behind everybody's back. Asks nobody, and is not in the call log. */
export function createOutsideHand(world: World, hostName: string) {
  const host = () => existing(world.state.hosts[hostName], `host ${hostName}`);
  const machine = (uid: string) => existing(findMachine(host(), uid), `machine ${uid}`);
  const network = (uid: string) => existing(host().networks[uid], `network ${uid}`);
  const touched = (found: MachineState) => changed(world, host(), { noun: 'machine', uid: uidOf(found) });
  return {
    ...guestDeeds(machine),
    start: (uid: string) => start(world, host(), machine(uid)),
    destroy: (uid: string) => powerOff(world, host(), { machine: machine(uid), reason: 'destroyed' }),
    crash: (uid: string) => powerOff(world, host(), { machine: machine(uid), reason: 'crashed', power: 'crashed' }),
    /** The guest shuts itself down. */
    shutDownFromInside: (uid: string) => powerOff(world, host(), { machine: machine(uid), reason: 'shutdown' }),
    undefine(uid: string) {
      const found = machine(uid);
      found.persistent = null;
      if (!isActive(found)) delete host().machines[found.id];
      touched(found);
    },
    /** Bytes that go through a device beside what every guest moves: a NIC by its MAC, a disk by its name. */
    moveTraffic(uid: string, { device, ...more }: { device: string; in: number; out: number }) {
      const found = machine(uid);
      const before = found.moved?.[device] ?? { in: 0, out: 0 };
      found.moved = { ...found.moved, [device]: { in: before.in + more.in, out: before.out + more.out } };
    },
    detachDisk(uid: string, name: string) {
      const found = machine(uid);
      edit(found, (spec) => ({ ...spec, disks: spec.disks.filter((disk) => disk.name !== name) }));
      touched(found);
    },
    detachNic(uid: string, mac: string) {
      const found = machine(uid);
      edit(found, (spec) => ({ ...spec, nics: spec.nics.filter((nic) => nic.mac !== mac) }));
      touched(found);
    },
    /** Changes the definitions, live and persistent, at will. */
    edit(uid: string, change: Partial<MachineSpec>) {
      const found = machine(uid);
      edit(found, (spec) => ({ ...spec, ...structuredClone(change) }));
      touched(found);
    },
    /** A guest writes to a disk of its own: the volume holds this from now on. */
    writeDisk(uid: string, { disk, text }: { disk: string; text: string }) {
      const source = machine(uid).live?.disks.find(({ name }) => name === disk)?.source;
      const volume = existing(folderOf(host(), source?.poolUid ?? '')?.[source?.name ?? ''], `disk ${disk} of ${uid}`);
      const bytes = Buffer.from(text);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      volume.content = { bytes: bytes.length, sha256, base64: bytes.toString('base64') };
    },
    stopNetwork: (uid: string) => stopNetwork(world, host(), network(uid)),
    /** So quickly that nobody sees it down. */
    restartNetwork: (uid: string) => {
      stopNetwork(world, host(), network(uid));
      network(uid).active = true;
    },
    undefineNetwork: (uid: string) => {
      network(uid).spec = null;
    },
    removeNetwork: (uid: string) => removeNetwork(world, host(), network(uid)),
    dropReservations(uid: string) {
      network(uid).reservations = [];
      changed(world, host(), { noun: 'network', uid });
    },
    undefinePool(uid: string) {
      delete host().pools[uid];
      changed(world, host(), { noun: 'pool', uid });
    },
    deleteVolume(volume: VolumeAddress) {
      delete folderOf(host(), volume.poolUid)?.[volume.name];
      changed(world, host(), { noun: 'pool', uid: volume.poolUid });
    },
    addForeignMachine: (spec: MachineSpec, power: 'running' | 'off' = 'off') => addMachine(world, host(), spec, power),
    addForeignNetwork: (spec: NetworkSpec) => addNetwork(world, host(), spec),
    addForeignPool(uid: string, path: string) {
      host().pools[uid] = { uid, owned: false, name: `foreign-${uid}`, path };
      changed(world, host(), { noun: 'pool', uid });
    },
    setUnreachable(unreachable: boolean) {
      if (unreachable) world.unreachable.add(hostName);
      else world.unreachable.delete(hostName);
    },
    /** Power loss: every guest is gone, transient ones for ever; networks stand still until somebody starts them. */
    restartHost() {
      for (const found of Object.values(host().machines)) {
        powerOff(world, host(), { machine: found, reason: 'crashed' });
      }
      for (const found of Object.values(host().networks)) stopNetwork(world, host(), found);
      changed(world, host(), { noun: 'host', uid: null });
    },
  };
}

/** How a guest behaves. */
function guestDeeds(machine: (uid: string) => MachineState) {
  return {
    hang(uid: string) {
      machine(uid).guest.hung = true;
    },
    unhang(uid: string) {
      const found = machine(uid);
      found.guest.hung = false;
      found.unresponsive = false;
    },
    ignorePowerButton(uid: string, ignores = true) {
      machine(uid).guest.ignoresPowerButton = ignores;
    },
    setShutdownMs(uid: string, ms: number) {
      machine(uid).guest.shutdownMs = ms;
    },
  };
}

function edit(machine: MachineState, change: (spec: MachineSpec) => MachineSpec): void {
  machine.persistent = machine.persistent && change(machine.persistent);
  machine.live = machine.live && change(machine.live);
}

function addMachine(world: World, host: HostState, spec: MachineSpec, power: 'running' | 'off'): void {
  const machine = newMachine(world, spec.uid);
  machine.persistent = structuredClone(spec);
  host.machines[spec.uid] = machine;
  if (power === 'running') start(world, host, machine);
  changed(world, host, { noun: 'machine', uid: spec.uid });
}

function addNetwork(world: World, host: HostState, spec: NetworkSpec): void {
  const { uid } = spec;
  host.networks[uid] = {
    uid,
    installationId: null,
    name: `foreign-${uid}`,
    active: true,
    spec: structuredClone(spec),
    reservations: [],
  };
  changed(world, host, { noun: 'network', uid });
}

function existing<T>(thing: T | undefined, what: string): T {
  if (thing === undefined) throw new Error(`The outside hand found no ${what}.`);
  return thing;
}

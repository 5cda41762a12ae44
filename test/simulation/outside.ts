import { createOutsideHand } from '../../hypervisor/memory/outside.fixture.ts';
import type { MachineState } from '../../hypervisor/memory/state.ts';
import { machineSpec } from '../fixtures/machine-spec.ts';
import type { Cluster } from './cluster.ts';
import type { FaultKind } from './faults.ts';
import { hostsOf, ownMachines, ownNetworks } from './inventory.ts';

/** Everything that happens to the hosts by itself or by other people's hands. */
export function createOutside(cluster: Cluster) {
  const { world, trace, chaos, clock } = cluster;
  const prng = cluster.prng.fork('outside');
  const hand = (host: string) => createOutsideHand(world, host);
  let made = 0;
  const done = (kind: FaultKind, what: string) => {
    chaos.happened(kind);
    cluster.disturbedAt = Math.max(cluster.disturbedAt, clock.now());
    trace.note(`outside ${kind}: ${what}`);
  };
  const power: Record<'destroy' | 'crash' | 'shutDownFromInside', 1> = { destroy: 1, crash: 1, shutDownFromInside: 1 };
  const machine = (fits: (state: MachineState) => boolean = () => true) =>
    prng.some(ownMachines(world).filter((found) => fits(found.machine)));
  const deeds: Partial<Record<FaultKind, () => void>> = {
    hostDown: () => {
      const host = prng.pick(hostsOf(world));
      if (world.unreachable.has(host.name)) return;
      const ms = prng.int(1, 90) * 1000;
      hand(host.name).setUnreachable(true);
      void clock.sleep(ms).then(() => hand(host.name).setUnreachable(false));
      done('hostDown', `${host.name} for ${ms} ms`);
    },
    hostRestart: () => {
      const host = prng.pick(hostsOf(world));
      hand(host.name).restartHost();
      remember(cluster);
      done('hostRestart', host.name);
    },
    hungGuest: () => {
      const found = machine(({ live }) => live !== null);
      if (!found) return;
      found.machine.guest.hung = true;
      void clock.sleep(prng.int(5, 60) * 1000).then(() => unhang(found.machine));
      done('hungGuest', found.uid);
    },
    outsidePower: () => {
      const found = machine(({ live }) => live !== null);
      if (!found) return;
      const deed = prng.pick(Object.keys(power) as (keyof typeof power)[]);
      hand(found.host.name)[deed](found.uid);
      done('outsidePower', `${deed} ${found.uid}`);
    },
    outsideEdit: () => {
      const found = machine();
      const spec = found?.machine.persistent ?? found?.machine.live;
      if (!found || !spec) return;
      const [disk] = spec.disks;
      const [nic] = spec.nics;
      const choice = prng.int(0, 2);
      if (choice === 1 && disk) hand(found.host.name).detachDisk(found.uid, disk.name);
      else if (choice === 2 && nic) hand(found.host.name).detachNic(found.uid, nic.mac);
      else hand(found.host.name).edit(found.uid, { cpus: 1, bootOrder: ['network'] });
      done('outsideEdit', `${choice} ${found.uid}`);
    },
    outsideUndefine: () => {
      const found = machine(({ persistent }) => persistent !== null);
      if (!found) return;
      hand(found.host.name).undefine(found.uid);
      done('outsideUndefine', found.uid);
    },
    outsideNetwork: () => {
      const found = prng.some(ownNetworks(world));
      if (!found) return;
      const deed = prng.pick(['stopNetwork', 'removeNetwork', 'dropReservations'] as const);
      hand(found.host.name)[deed](found.network.uid);
      done('outsideNetwork', `${deed} ${found.network.uid}`);
    },
    outsidePool: () => {
      const host = prng.pick(hostsOf(world));
      const pool = prng.some(Object.values(host.pools));
      if (!pool) return;
      hand(host.name).undefinePool(pool.uid);
      done('outsidePool', pool.uid);
    },
    foreignThing: () => {
      const host = prng.pick(hostsOf(world));
      const uid = `f0000000-0000-4000-8000-${String(++made).padStart(12, '0')}`;
      hand(host.name).addForeignMachine(machineSpec({ uid, memoryMiB: 64 }), prng.pick(['running', 'off']));
      const now = () => JSON.stringify(host.machines[uid]);
      cluster.foreign.set(`machine ${uid}`, { was: now(), now });
      done('foreignThing', `${host.name} ${uid}`);
    },
  };
  return {
    happen: (kind: FaultKind) => deeds[kind]?.(),
    /** Machines of others that carry the uid of one that was just ordered. */
    takeUid: () => {
      const [wish] = cluster.tables.objects.ofKind('VirtualMachine');
      if (!wish) return;
      const { uid } = wish.metadata;
      for (const host of hostsOf(world)) {
        hand(host.name).addForeignMachine(machineSpec({ uid, memoryMiB: 64 }), 'running');
        const now = () => JSON.stringify(host.machines[uid]);
        cluster.foreign.set(`machine ${uid} at ${host.name}`, { was: now(), now });
      }
      trace.note(`outside: ${uid} is taken`);
    },
    /** Everything works again; nothing that was done is undone. */
    calm: () => {
      for (const host of hostsOf(world)) hand(host.name).setUnreachable(false);
      for (const found of ownMachines(world)) unhang(found.machine);
    },
  };
}

function unhang(machine: MachineState): void {
  machine.guest.hung = false;
  machine.unresponsive = false;
}

/** A power failure changes what others made, too. */
function remember({ foreign }: Cluster): void {
  for (const [name, { now }] of foreign) foreign.set(name, { was: now(), now });
}

import { randomUUID } from 'node:crypto';
import { describeHypervisor } from '../../test/contracts/hypervisor.ts';
import type { Capabilities } from '../port.ts';
import { hostFromUri } from './host-uri.ts';
import { createMemoryHypervisor } from './hypervisor.ts';
import { createManualClock } from './manual-clock.fixture.ts';
import { createOutsideHand } from './outside.fixture.ts';
import { createWorld } from './world.ts';

function setup(capabilities: Partial<Capabilities>) {
  return async () => {
    const clock = createManualClock();
    const host = hostFromUri('memory://host-1');
    if (!host.ok) throw new Error(host.error.message);
    const world = createWorld({ clock, state: { hosts: { 'host-1': host.value } }, settings: { capabilities } });
    const hypervisor = createMemoryHypervisor(world, { host: host.value, installationId: 'here' });
    const hand = createOutsideHand(world, 'host-1');
    return {
      hypervisor,
      installationId: 'here',
      poolPath: () => `/pools/${randomUUID()}`,
      realFolders: true,
      cooperativeGuests: true,
      outside: outsideHand(hand),
      pass: clock.advance,
      close: () => hypervisor.close(),
    };
  };
}

function outsideHand(hand: ReturnType<typeof createOutsideHand>) {
  return {
    destroy: async (uid: string) => hand.destroy(uid),
    undefine: async (uid: string) => hand.undefine(uid),
    stopNetwork: async (uid: string) => hand.stopNetwork(uid),
    deleteVolume: async (volume: { poolUid: string; name: string }) => hand.deleteVolume(volume),
    async defineMachine() {
      const uid = randomUUID();
      hand.addForeignMachine(foreignMachine(uid));
      return uid;
    },
    async defineNetwork() {
      const uid = randomUUID();
      hand.addForeignNetwork(foreignNetwork(uid));
      return uid;
    },
    async definePool() {
      const uid = randomUUID();
      hand.addForeignPool(uid, `/pools/${uid}`);
      return uid;
    },
    removeMachine: async (uid: string) => hand.undefine(uid),
    removeNetwork: async (uid: string) => hand.removeNetwork(uid),
    removePool: async (uid: string) => hand.undefinePool(uid),
  };
}

function foreignNetwork(uid: string) {
  return {
    uid,
    installationId: '',
    bridge: `for${uid.slice(0, 8)}`,
    domain: 'foreign.internal',
    forward: 'none' as const,
    cidr: '10.99.0.0/24',
    gateway: '10.99.0.1',
    dhcp: null,
    dns: false,
    mtu: null,
  };
}

function foreignMachine(uid: string) {
  return {
    uid,
    incarnation: 0,
    title: 'foreign',
    installationId: '',
    cpus: 1,
    maxCpus: 1,
    memoryMiB: 64,
    maxMemoryMiB: 64,
    cpuShares: 1024,
    cpuLimitMilli: null,
    accelerator: 'auto' as const,
    machineType: null,
    cpuModel: null,
    firmware: 'bios' as const,
    secureBoot: false,
    bootOrder: ['disk' as const],
    disks: [],
    nics: [],
    serialLog: false,
    vnc: false,
    autostart: false,
  };
}

describeHypervisor('the hypervisor in memory', setup({}));

describeHypervisor(
  'the hypervisor in memory, bare of abilities',
  setup({
    hotplugCpu: false,
    hotplugMemory: false,
    hotplugDisk: false,
    hotplugNic: false,
    resizeVolume: false,
    transferVolume: false,
    snapshotRunning: false,
    console: false,
    events: false,
    stats: false,
    networkUpdate: false,
  }),
);

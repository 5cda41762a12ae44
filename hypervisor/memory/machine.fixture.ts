import type { MachineSpec } from '../port.ts';
import { createFaults } from './faults.ts';
import { hostFromUri } from './host-uri.ts';
import { createMemoryHypervisor } from './hypervisor.ts';
import { createManualClock } from './manual-clock.fixture.ts';
import { createOutsideHand } from './outside.fixture.ts';
import { createWorld, type WorldSettings } from './world.ts';

export const HERE = 'installation-here';

export function machine(uid: string, more: Partial<MachineSpec> = {}): MachineSpec {
  return {
    uid,
    incarnation: 0,
    title: `shop/${uid}`,
    installationId: HERE,
    cpus: 1,
    maxCpus: 2,
    memoryMiB: 64,
    maxMemoryMiB: 64,
    cpuShares: 1024,
    cpuLimitMilli: null,
    accelerator: 'auto',
    machineType: null,
    cpuModel: null,
    firmware: 'bios',
    secureBoot: false,
    bootOrder: ['disk'],
    disks: [],
    nics: [],
    serialLog: false,
    vnc: false,
    autostart: false,
    ...more,
  };
}

/** One host named host-1 on a clock that stands still, with scripted faults and the hand of an operator. */
export function oneHost(settings: Partial<WorldSettings> = {}) {
  const clock = createManualClock();
  const host = hostFromUri('memory://host-1');
  if (!host.ok) throw new Error(host.error.message);
  const faults = createFaults();
  const world = createWorld({ clock, faults, settings, state: { hosts: { 'host-1': host.value } } });
  const connect = (installationId = HERE) => createMemoryHypervisor(world, { host: host.value, installationId });
  return { clock, faults, world, host: host.value, connect, outside: createOutsideHand(world, 'host-1') };
}

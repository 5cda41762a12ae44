import type { HostFacts, HostPort, Hypervisor } from '../port.ts';
import { type Connection, call } from './call.ts';
import { capabilitiesOf } from './capabilities.ts';
import { createMachinePort } from './machines.ts';
import { createNetworkPort } from './networks.ts';
import { createPoolPort } from './pools.ts';
import { success } from './results.ts';
import type { HostState } from './state.ts';
import { createVolumePort } from './volumes.ts';
import type { HintListener, World } from './world.ts';

/** One installation's connection to one in-memory host. */
export function createMemoryHypervisor(
  world: World,
  { host, installationId }: { host: HostState; installationId: string },
): Hypervisor {
  const end = new AbortController();
  const connection: Connection = { world, host, installationId, closed: end.signal };
  const listeners = new Set<HintListener>();
  return {
    capabilities: capabilitiesOf(world),
    hosts: createHostPort(connection),
    machines: createMachinePort(connection),
    networks: createNetworkPort(connection),
    pools: createPoolPort(connection),
    volumes: createVolumePort(connection),
    onChange(listener) {
      const forward: HintListener = (name, hint) => {
        if (name === host.name) listener(hint);
      };
      if (capabilitiesOf(world).events) world.onHint.add(forward);
      listeners.add(forward);
      return () => world.onHint.delete(forward);
    },
    close: async () => {
      for (const listener of listeners) world.onHint.delete(listener);
      end.abort();
    },
  };
}

function createHostPort(connection: Connection): HostPort {
  const { world, host } = connection;
  return {
    facts: (options) =>
      call(connection, { verb: 'hosts.facts', uid: null, changes: false, options }, () => success(factsOf(host))),
    stats: (options) =>
      call(connection, { verb: 'hosts.stats', uid: null, changes: false, options }, () => {
        const live = Object.values(host.machines).flatMap((machine) => machine.live ?? []);
        const cpus = live.reduce((sum, spec) => sum + spec.cpus, 0);
        const memoryMiB = live.reduce((sum, spec) => sum + spec.memoryMiB, 0);
        return success({
          cpuPercent: capabilitiesOf(world).stats ? Math.min(100, Math.round((cpus / host.cpus) * 5)) : null,
          memoryFreeMiB: Math.max(0, host.memoryMiB - memoryMiB),
        });
      }),
  };
}

export function factsOf(host: HostState): HostFacts {
  return {
    uuid: host.uuid ?? null,
    hostname: host.name,
    hypervisor: 'memory',
    hypervisorVersion: '1.0.0',
    arch: 'x86_64',
    cpuModel: 'simulated',
    cpus: host.cpus,
    memoryMiB: host.memoryMiB,
    kvm: host.kvm,
    firmware: ['bios', 'uefi'],
    machineTypes: ['pc', 'q35'],
  };
}

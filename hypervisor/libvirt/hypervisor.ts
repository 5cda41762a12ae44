import type { Hypervisor, NetworkSight, PoolSight } from '../port.ts';
import { Batcher } from './batch.ts';
import { capabilitiesOf } from './capabilities.ts';
import { watchHost } from './hints.ts';
import { createHostPort } from './host.ts';
import type { HostConnection } from './host-connection.ts';
import { createMachinePort } from './machines.ts';
import { createNetworkPort, lookAtNetworks } from './networks.ts';
import { endLeftParking } from './parking.ts';
import { createPoolPort, lookAtPools } from './pools.ts';
import { createVolumePort } from './volumes.ts';

/** The port of one connected host. Closing it closes its connections. */
export function createLibvirtHypervisor(host: HostConnection): Hypervisor {
  const stopWatching = watchHost(host);
  if (host.driver === 'QEMU') void endLeftParking(host);
  const networks = new Batcher<Map<string, NetworkSight>>((wanted) => lookAtNetworks(host, wanted));
  const pools = new Batcher<Map<string, PoolSight>>((wanted) => lookAtPools(host, wanted));
  return {
    capabilities: capabilitiesOf(host.driver),
    hosts: createHostPort(host),
    machines: createMachinePort(host),
    networks: createNetworkPort(host, networks),
    pools: createPoolPort(host, pools),
    volumes: createVolumePort(host),
    onChange(listener) {
      const mine: typeof listener = (hint) => listener(hint);
      host.hints.add(mine);
      return () => {
        host.hints.delete(mine);
      };
    },
    async close() {
      stopWatching();
      host.hints.clear();
      await host.lanes.close();
    },
  };
}

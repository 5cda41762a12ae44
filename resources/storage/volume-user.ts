import type { Hypervisor, Result, VolumeAddress } from '../../hypervisor/port.ts';
import type { Ports } from '../ports.ts';

/** The running machine that has a volume, and where. Null: none has. A host of the pool that is silent may run one, so that is no answer. */
export async function runningUser(
  ports: Ports,
  { poolUid, name }: VolumeAddress,
  signal: AbortSignal,
): Promise<Result<{ host: Hypervisor; machineUid: string } | null>> {
  for (const place of await ports.pools.hostsOf(poolUid)) {
    const host = await ports.hypervisors.at(place);
    if (!host.ok) return host;
    const seen = await host.value.volumes.sight({ poolUid, names: [name] }, { signal });
    if (!seen.ok) return seen;
    const user = seen.value.find((volume) => volume.name === name)?.attachedTo;
    if (user?.running) return { ok: true, value: { host: host.value, machineUid: user.machineUid } };
  }
  return { ok: true, value: null };
}

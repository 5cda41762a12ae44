import type { Hypervisor, Result } from '../../../hypervisor/port.ts';
import type { ActResult } from '../../../reconciler/kind.ts';
import { actResult } from '../../act-result.ts';
import { expelAtHost } from '../../expel.ts';
import type { Ports } from '../../ports.ts';

const expelDomain = expelAtHost({
  quarantine: (host, uid) => host.machines.destroy(uid),
  remove: (host, uid) => host.machines.undefine(uid),
});

/** A leftover of a machine at a host: its domain (known by the uid), or a seed file in one of the host's pools. */
export async function expelMachine(
  ports: Ports,
  orphan: { place: string; uid: string; externalId: string },
  stage: 'quarantine' | 'remove',
): Promise<ActResult> {
  if (orphan.externalId === orphan.uid) return expelDomain(ports, orphan, stage);
  if (stage === 'quarantine') return { ok: true };
  const host = await ports.hypervisors.at(orphan.place);
  return actResult(stage, host.ok ? await removeSeed(host.value, orphan.externalId) : host);
}

async function removeSeed(host: Hypervisor, name: string): Promise<Result<void>> {
  const pools = await host.pools.sight();
  if (!pools.ok) return pools;
  for (const pool of pools.value.filter(({ owned, active }) => owned && active)) {
    const removed = await host.volumes.remove({ poolUid: pool.uid, name });
    if (!removed.ok) return removed;
  }
  return { ok: true, value: undefined };
}

import type { Hypervisor, Result } from '../hypervisor/port.ts';
import type { JsonObject } from '../reconciler/json.ts';
import type { Kind } from '../reconciler/kind.ts';
import { actResult } from './act-result.ts';
import type { Ports } from './ports.ts';
import { throughPool } from './storage/pool-reach.ts';

type Expel = NonNullable<Kind<JsonObject, JsonObject, unknown, Ports>['expel']>;

/** Leftovers at a host: stopped for the quarantine, then ended. Adapters refuse what is not ours. */
export function expelAtHost(hands: {
  quarantine(host: Hypervisor, uid: string): Promise<Result<void>>;
  remove(host: Hypervisor, uid: string): Promise<Result<void>>;
}): Expel {
  return async ({ hypervisors }, { place, uid }, stage) => {
    const host = await hypervisors.at(place);
    if (!host.ok) return actResult(stage, host);
    const result = await hands[stage](host.value, uid);
    const gone = !result.ok && result.error.code === 'NotFound';
    return gone ? { ok: true } : actResult(stage, result);
  };
}

/** Leftover files of a pool: nothing stops a file, so they are only removed, by the name they were found under. */
export const expelFile: Expel = async (ports, { place, externalId }, stage) => {
  if (stage === 'quarantine') return { ok: true };
  return actResult(
    stage,
    await throughPool(ports, place, (host) => host.volumes.remove({ poolUid: place, name: externalId })),
  );
};

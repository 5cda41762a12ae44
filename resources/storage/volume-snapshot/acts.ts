import { reason } from '../../../reconciler/json.ts';
import type { Act, ActCall, ActResult } from '../../../reconciler/kind.ts';
import { actResult } from '../../act-result.ts';
import type { Ports } from '../../ports.ts';
import { throughPool } from '../pool-reach.ts';
import { runningUser } from '../volume-user.ts';

/** Longest that a copy may take. The lease is renewed meanwhile, and losing it ends the copying. */
const COPY_MS = 6 * 3_600_000;

export const volumeSnapshotActs: Readonly<Record<string, Act<Ports>>> = {
  copy: { deadlineMs: COPY_MS, run: copyVolume },
  remove: { deadlineMs: 60_000, run: removeSnapshot },
};

interface Args {
  poolUid: string;
  name: string;
  from: string;
}

/** Through the host whose machine runs on the volume, since only its hypervisor knows what the guest has written; else through any. */
async function copyVolume({ ports, signal, args }: ActCall<Ports>): Promise<ActResult> {
  const { poolUid, name, from } = args as unknown as Args;
  const volume = { poolUid, name: from };
  const user = await runningUser(ports, volume, signal);
  if (!user.ok) return actResult('copy', user);
  const request = { from: volume, to: { poolUid, name } };
  const options = { signal, timeoutMs: COPY_MS };
  if (!user.value) {
    return actResult('copy', await throughPool(ports, poolUid, (host) => host.volumes.snapshot(request, options)));
  }
  const { host, machineUid } = user.value;
  const copied = await host.volumes.snapshot(request, options);
  if (copied.ok || copied.error.code !== 'Unsupported') return actResult('copy', copied);
  // Tried again, ever more rarely, until the volume itself is seen to be in use, and then no more.
  return { ok: false, reason: reason('WaitingForStop', { machineUid }), retry: 'backoff' };
}

async function removeSnapshot({ ports, signal, args }: ActCall<Ports>): Promise<ActResult> {
  const { poolUid, name } = args as unknown as Args;
  const removed = await throughPool(ports, poolUid, (host) => host.volumes.remove({ poolUid, name }, { signal }));
  return actResult('remove', removed);
}

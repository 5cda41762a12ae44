import type { Hypervisor, Result } from '../../hypervisor/port.ts';
import type { SilentPlace } from '../../reconciler/observation.ts';
import type { Ports } from '../ports.ts';
import { silentPlace } from '../silence.ts';

/** What all hosts of a pool say. Every host is asked, since each knows only of its own machines. */
export interface PoolAnswers<T> {
  answers: { host: string; value: T }[];
  /** The pool itself if nobody answered, and every host that did not: what only that host knows is unknown. */
  silent: SilentPlace[];
}

/**
 * Asks every host of a pool. A host on which the pool is not defined or fails counts as silent: the files may be there, and only a
 * listing can tell that they are not.
 */
export async function askPool<T>(
  ports: Ports,
  poolUid: string,
  ask: (host: Hypervisor) => Promise<Result<T>>,
): Promise<PoolAnswers<T>> {
  const hosts = await ports.pools.hostsOf(poolUid);
  const replies = await Promise.all(hosts.map(async (host) => ({ host, result: await askHost(ports, host, ask) })));
  const answers = replies.flatMap(({ host, result }) => (result.ok ? [{ host, value: result.value }] : []));
  const silent = replies.flatMap(({ host, result }) => (result.ok ? [] : [silentPlace(host, result.error)]));
  if (answers.length > 0) return { answers, silent };
  const why = silent[0] ?? { code: 'Unreachable' as const, message: 'no host reaches the pool' };
  return { answers, silent: [{ ...why, place: poolUid }, ...silent] };
}

/** Does something through the first host of a pool that can be reached. Everything that is done so is named by uid, so twice is once. */
export async function throughPool<T>(
  ports: Ports,
  poolUid: string,
  work: (host: Hypervisor) => Promise<Result<T>>,
): Promise<Result<T>> {
  let refusal: Result<never> = unreachable('no host reaches the pool');
  for (const place of await ports.pools.hostsOf(poolUid)) {
    const host = await ports.hypervisors.at(place);
    if (host.ok) return work(host.value);
    refusal = host;
  }
  return refusal;
}

async function askHost<T>(
  ports: Ports,
  place: string,
  ask: (host: Hypervisor) => Promise<Result<T>>,
): Promise<Result<T>> {
  const host = await ports.hypervisors.at(place);
  return host.ok ? ask(host.value) : host;
}

function unreachable(message: string): Result<never> {
  return { ok: false, error: { code: 'Unreachable', message } };
}

import type { JsonObject } from '../../reconciler/json.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { Ports } from '../../resources/ports.ts';

const STATS_TIMEOUT_MS = 3_000;

/** Volatile figures of a machine or a host, read now; null when there are none. 64-bit counters are decimal strings. */
export async function readStats(
  { hypervisors }: Pick<Ports, 'hypervisors'>,
  object: StoredObject,
): Promise<JsonObject | null> {
  const place = object.kind === 'Host' ? object.metadata.uid : object.status.allocated.host;
  if (place === undefined || (object.kind !== 'Host' && object.kind !== 'VirtualMachine')) return null;
  const hypervisor = await hypervisors.at(place);
  if (!hypervisor.ok) return null;
  const options = { timeoutMs: STATS_TIMEOUT_MS };
  if (object.kind === 'Host') {
    const read = await hypervisor.value.hosts.stats(options);
    return read.ok ? { ...read.value } : null;
  }
  const read = await hypervisor.value.machines.stats(object.metadata.uid, options);
  if (!read.ok) return null;
  return Object.fromEntries(
    Object.entries(read.value).map(([name, value]) => [name, typeof value === 'bigint' ? value.toString() : value]),
  );
}

import { randomUUID } from 'node:crypto';
import { listDomains } from '../hypervisor/libvirt/wire/flags.ts';
import { procedures } from '../hypervisor/libvirt/wire/procedures.ts';
import { openSession } from '../hypervisor/libvirt/wire/session.ts';
import type { BenchCloud } from './cloud.ts';

/** The limit: the same calls that a machine needs, pipelined through our own client, with nothing around them. */
export async function rawConverge(uri: string, count: number, xml: (uuid: string) => string): Promise<number> {
  const session = openSession({ uri, window: 8 });
  await session.connected(5_000);
  const uuids = Array.from({ length: count }, (): string => randomUUID());
  const start = performance.now();
  const defined = await inWindows(
    uuids,
    async (uuid) => (await session.call(procedures.domainDefineXmlFlags, { xml: xml(uuid), flags: 0 })).domain,
  );
  await inWindows(defined, (domain) => session.call(procedures.domainCreateWithFlags, { domain, flags: 0 }));
  const { domains } = await session.call(procedures.connectListAllDomains, {
    needResults: true,
    flags: listDomains.active,
  });
  const mine = new Set(uuids);
  await inWindows(
    domains.filter((domain) => mine.has(domain.uuid)),
    (domain) => session.call(procedures.domainGetXmlDesc, { domain, flags: 0 }),
  );
  const elapsed = performance.now() - start;
  const made = domains.filter((candidate) => mine.has(candidate.uuid));
  await inWindows(made, async (domain) => {
    await session.call(procedures.domainDestroyFlags, { domain, flags: 0 });
    await session.call(procedures.domainUndefineFlags, { domain, flags: 0 });
  });
  await session.close();
  return elapsed;
}

/** Bounded pipelining: 64 asked at a time, the session's own window decides how many are on the wire. */
async function inWindows<T, R>(items: readonly T[], call: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += 64)
    results.push(...(await Promise.all(items.slice(at, at + 64).map(call))));
  return results;
}

/** The definition that the product made for its first machine, so that the raw calls carry the same bytes. */
export async function definitionOf(cloud: BenchCloud, uri: string): Promise<(uuid: string) => string> {
  const { items } = await cloud.store.list({ kind: 'VirtualMachine', orderBy: 'name', limit: 1 });
  const uid = items[0]?.object.metadata.uid ?? '';
  const session = openSession({ uri });
  await session.connected(5_000);
  const { domain } = await session.call(procedures.domainLookupByName, { name: uid });
  const { xml } = await session.call(procedures.domainGetXmlDesc, { domain, flags: 2 });
  await session.close();
  return (uuid) => xml.replaceAll(uid, uuid).replace(/(<domain [^>]*?) id=["']\d+["']/, '$1');
}

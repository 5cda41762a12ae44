import { procedures } from '../hypervisor/libvirt/wire/procedures.ts';
import { openSession } from '../hypervisor/libvirt/wire/session.ts';
import { startLabHost } from '../test/lab/lab.ts';
import { type BenchCloud, machines, startCloud, surroundings } from './cloud.ts';
import { cpuSecondsOf, type Figure, median, timed } from './figures.ts';
import { rawConverge } from './raw.ts';

const WARM_UP = 'warm-up';

/** From nothing to running on libvirt's mock driver: the whole product beside the same raw calls through the same client. */
export async function run(): Promise<Figure[]> {
  const small = await converge(1_000);
  const large = await converge(2_000);
  return [
    {
      name: '1,000 machines: product ÷ raw calls',
      value: small.ms / small.rawMs,
      unit: '×',
      must: 4,
      aim: 2,
      note: small.split,
    },
    { name: '  product', value: small.ms, unit: 'ms' },
    { name: '  raw calls, read-back included', value: small.rawMs, unit: 'ms' },
    { name: '4,000 machines ÷ 1,000 machines', value: large.ms / small.ms, unit: '×', must: 4.4, note: large.split },
    { name: 'memory of the server after 4,000 machines', value: large.rssMiB, unit: 'MB', must: 300 },
  ];
}

async function converge(count: number) {
  const host = await startLabHost({ name: 'mock', driver: 'test' });
  const { uri } = host;
  const cloud = await startCloud();
  try {
    await cloud.apply([...surroundings(uri), ...machines(1, WARM_UP)]);
    await cloud.ready('VirtualMachine', 1, 30_000);
    const template = await xmlOfFirst(cloud, uri);
    const raw = [];
    for (let round = 0; round < 3; round++) raw.push(await rawConverge(uri, count, template));
    const before = cpu();
    const { ms } = await timed(async () => {
      await cloud.apply(machines(count));
      await cloud.ready('VirtualMachine', count + 1, 300_000);
    });
    const split = splitOf(before, cpu());
    return { ms, rawMs: median(raw), split, rssMiB: process.memoryUsage().rss / 1e6 };
  } finally {
    await cloud.close();
    await host.stop();
  }
}

function cpu() {
  return { libvirt: cpuSecondsOf(/libvirtd/), postgres: cpuSecondsOf(/postgres/), js: process.cpuUsage() };
}

function splitOf(a: ReturnType<typeof cpu>, b: ReturnType<typeof cpu>): string {
  const js = (b.js.user + b.js.system - a.js.user - a.js.system) / 1e6;
  return `CPU: libvirt ${(b.libvirt - a.libvirt).toFixed(2)} s, Postgres ${(b.postgres - a.postgres).toFixed(2)} s, JavaScript ${js.toFixed(2)} s`;
}

/** The definition that the product makes, so that the raw calls carry the same bytes. */
async function xmlOfFirst(cloud: BenchCloud, uri: string): Promise<(uuid: string) => string> {
  const { items } = await cloud.store.list({ kind: 'VirtualMachine', orderBy: 'name', limit: 1 });
  const uid = items[0]?.object.metadata.uid ?? '';
  const xml = await dumpXml(uri, uid);
  return (uuid) => xml.replaceAll(uid, uuid).replace(/ id=["']\d+["']/, '');
}

async function dumpXml(uri: string, uid: string): Promise<string> {
  const session = openSession({ uri });
  await session.connected(5_000);
  const { domain } = await session.call(procedures.domainLookupByName, { name: uid });
  const { xml } = await session.call(procedures.domainGetXmlDesc, { domain, flags: 2 });
  await session.close();
  return xml;
}

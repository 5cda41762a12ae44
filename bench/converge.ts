import { startLabHost } from '../test/lab/lab.ts';
import { machines, startCloud, surroundings } from './cloud.ts';
import { cpuSecondsOf, type Figure, median, ownCpuSeconds, timed } from './figures.ts';
import { definitionOf, rawConverge } from './raw.ts';

const WARM_UP = 200;
const SMALL = 1_000;
const LARGE = 4_000;
const ROUNDS = 3;
const PATIENCE_MS = 120_000;

/** From nothing to running on libvirt's mock driver: the whole product beside the same raw calls through the same client, in turn. */
export async function run(): Promise<Figure[]> {
  const small = await converge(SMALL, ROUNDS);
  const large = await converge(LARGE, 1);
  return [
    { name: '1,000 machines: product ÷ raw calls', value: small.ratio, unit: '×', must: 4, aim: 2, note: small.split },
    { name: '  product', value: small.ms, unit: 'ms' },
    { name: '  raw calls, read-back included', value: small.rawMs, unit: 'ms' },
    { name: '4,000 machines ÷ 1,000 machines', value: large.ms / small.ms, unit: '×', must: 4.4, note: large.split },
  ];
}

/** Each round has a host of its own, so that it begins from nothing; its warm-up is not counted. */
async function converge(count: number, rounds: number) {
  const seen: Awaited<ReturnType<typeof once>>[] = [];
  for (let round = 0; round < rounds; round++) seen.push(await once(count));
  const of = (what: 'ms' | 'rawMs') => median(seen.map((one) => one[what]));
  return {
    ms: of('ms'),
    rawMs: of('rawMs'),
    ratio: median(seen.map(({ ms, rawMs }) => ms / rawMs)),
    split: seen.at(-1)?.split ?? '',
  };
}

async function once(count: number) {
  const host = await startLabHost({ name: 'mock', driver: 'test' });
  const cloud = await startCloud();
  try {
    await cloud.apply([...surroundings(host.uri), ...machines(WARM_UP, 'warm-up')]);
    await cloud.ready('VirtualMachine', WARM_UP, PATIENCE_MS);
    const template = await definitionOf(cloud, host.uri);
    await rawConverge(host.uri, WARM_UP, template);
    const rawMs = await rawConverge(host.uri, SMALL, template);
    const before = cpu();
    const { ms } = await timed(async () => {
      await cloud.apply(machines(count));
      await cloud.ready('VirtualMachine', WARM_UP + count, PATIENCE_MS);
    });
    return { ms, rawMs, split: splitOf(before, cpu()) };
  } finally {
    await cloud.close();
    await host.stop();
  }
}

function cpu() {
  return { libvirt: cpuSecondsOf(/libvirtd/), postgres: cpuSecondsOf(/postgres/), js: ownCpuSeconds() };
}

function splitOf(a: ReturnType<typeof cpu>, b: ReturnType<typeof cpu>): string {
  const of = (what: keyof typeof a) => `${(b[what] - a[what]).toFixed(2)} s`;
  return `CPU: libvirt ${of('libvirt')}, Postgres ${of('postgres')}, JavaScript ${of('js')}`;
}

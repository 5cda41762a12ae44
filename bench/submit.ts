import type { ManifestInput } from '../reconciler/admission/manifest.ts';
import { startLabHost } from '../test/lab/lab.ts';
import { type BenchCloud, machines, startCloud, surroundings, TOKEN } from './cloud.ts';
import { rested } from './database.ts';
import { type Figure, median, percentile } from './figures.ts';

const SAMPLES = 120;
const WARM_UP = 40;
const MACHINES_PRESENT = 3_000;
const KEYS_PRESENT = 7_000;
const DAY_MS = 86_400_000;
const TIMEOUT_MS = 10_000;

const APPLY = `mutation ($manifests: [JSON!]!) {
  apply(manifests: $manifests, source: "bench") { __typename ... on AdmissionFailure { issues { message } } }
}`;

/** From a mutation over HTTP to the machine being Ready on libvirt's mock driver, one at a time; alone, and among 10,000 objects. */
export async function run(): Promise<Figure[]> {
  const host = await startLabHost({ name: 'mock', driver: 'test' });
  const watch = new Watch();
  const cloud = await startCloud({
    engine: { resyncMs: DAY_MS },
    watcher: { reconciled: ({ claim, outcome }) => watch.ended(claim.kind, outcome) },
  });
  try {
    await cloud.apply(surroundings(host.uri));
    await cloud.ready('Host', 1, 30_000);
    const alone = await warmAndMeasured(cloud, watch, 'alone');
    await fill(cloud);
    const among = await warmAndMeasured(cloud, watch, 'among');
    const note = `p50 ${median(alone).toFixed(1)} ms, most ${percentile(alone, 100).toFixed(0)} ms`;
    const present = `p50 ${median(among).toFixed(1)} ms, p99 ${percentile(among, 99).toFixed(0)} ms`;
    const ratio = median(among) / median(alone);
    return [
      { name: 'submit to Ready, p99', value: percentile(alone, 99), unit: 'ms', must: 80, aim: 30, note },
      { name: 'among 10,000 objects ÷ alone, p50', value: ratio, unit: '×', must: 1.5, aim: 1.1, note: present },
    ];
  } finally {
    await cloud.close();
    await host.stop();
  }
}

/** Both times from the same rest: 10,000 new objects leave a disk that is busy for many seconds, and that is not what is asked here. */
async function warmAndMeasured(cloud: BenchCloud, watch: Watch, prefix: string): Promise<number[]> {
  await rested(cloud);
  await measured(cloud, watch, { prefix: `${prefix}-warm-up`, count: WARM_UP });
  return measured(cloud, watch, { prefix, count: SAMPLES });
}

async function measured(
  cloud: BenchCloud,
  watch: Watch,
  { prefix, count }: { prefix: string; count: number },
): Promise<number[]> {
  const times: number[] = [];
  for (const machine of machines(count, prefix)) {
    const settled = watch.next();
    const start = performance.now();
    await submit(cloud, machine);
    await settled;
    times.push(performance.now() - start);
  }
  return times;
}

async function submit(cloud: BenchCloud, machine: ManifestInput): Promise<void> {
  const response = await fetch(`${cloud.server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ query: APPLY, variables: { manifests: [machine] } }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const answer = (await response.json()) as { data?: { apply?: { __typename: string } } };
  if (answer.data?.apply?.__typename !== 'ApplySuccess') throw new Error(JSON.stringify(answer).slice(0, 300));
}

async function fill(cloud: BenchCloud): Promise<void> {
  const keys = Array.from({ length: KEYS_PRESENT }, (_, index): ManifestInput => {
    const bytes = Buffer.concat([Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0 '), Buffer.alloc(32, index)]);
    return {
      kind: 'SshKey',
      metadata: { name: `key-${index}` },
      spec: { publicKey: `ssh-ed25519 ${bytes.toString('base64')} key-${index}` },
    };
  });
  for (let at = 0; at < keys.length; at += 3_000) await cloud.apply(keys.slice(at, at + 3_000));
  await cloud.apply(machines(MACHINES_PRESENT, 'p'));
  await cloud.ready('SshKey', KEYS_PRESENT, 120_000);
  await cloud.ready('VirtualMachine', MACHINES_PRESENT + WARM_UP + SAMPLES, 120_000);
}

/** One machine is under way at a time: the next that settles is the one. */
class Watch {
  #settled: (() => void) | null = null;

  next(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Not ready within ${TIMEOUT_MS} ms.`)), TIMEOUT_MS);
      this.#settled = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  ended(kind: string, outcome: string): void {
    if (kind !== 'VirtualMachine' || outcome !== 'settled') return;
    this.#settled?.();
    this.#settled = null;
  }
}

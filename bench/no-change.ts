import { systemClock } from '../cmd/server/environment.ts';
import { createWorld, type World } from '../hypervisor/memory/world.ts';
import type { ManifestInput } from '../reconciler/admission/manifest.ts';
import { type BenchCloud, machines, startCloud, surroundings } from './cloud.ts';
import { quieted, type Rows, rested, withClient, written } from './database.ts';
import { cpuSecondsOf, type Figure, median, ownCpuSeconds, timed } from './figures.ts';

const OBJECTS = 10_000;
const HOSTS = 40;
const BATCH = 2_500;
const PASSES = 5;
const RESYNC_MS = 300_000;
const IDLE_MS = 20_000;
/** A pass that finds nothing to do over 10,000 machines, what it calls and writes, and what 10,000 machines at rest cost. */
export async function run(): Promise<Figure[]> {
  const world = createWorld({ clock: systemClock, settings: { keptCalls: 100_000 } });
  const pass = new Pass();
  const cloud = await startCloud({
    world,
    engine: { resyncMs: RESYNC_MS },
    concurrency: 512,
    watcher: { reconciled: ({ claim, outcome }) => pass.ended(claim.uid, outcome) },
  });
  try {
    await cloud.apply(datacentre());
    for (let at = 0; at < OBJECTS; at += BATCH) await cloud.apply(machines(OBJECTS).slice(at, at + BATCH));
    await cloud.ready('VirtualMachine', OBJECTS, 300_000);
    const uids = await uidsOf(cloud);
    const walk = () => pass.over(uids, () => wakeAll(cloud));
    await rested(cloud);
    await quieted(cloud);
    await walk();
    const before = await written(cloud);
    world.calls.length = 0;
    const passes = [];
    for (let round = 0; round < PASSES; round++) passes.push(await measured(walk));
    return [
      ...figuresOf(passes),
      ...callFigures(world),
      ...rowFigures(before, await written(cloud)),
      await idle(cloud),
    ];
  } finally {
    await cloud.close();
  }
}

/** Forty hosts, each as big as its share of the machines. */
function datacentre(): ManifestInput[] {
  const hosts = Array.from(
    { length: HOSTS },
    (_, index): ManifestInput => ({
      kind: 'Host',
      metadata: { name: `host-${index}` },
      spec: { uri: `memory://host-${index}?cpus=64&memoryGiB=16`, cpuOvercommitPercent: 100_000, reservedMemoryMiB: 0 },
    }),
  );
  return [...surroundings('').filter(({ kind }) => kind !== 'Host'), ...hosts];
}

interface Measured {
  ms: number;
  js: number;
  postgres: number;
}

async function measured(walk: () => Promise<void>): Promise<Measured> {
  const [js, postgres] = [ownCpuSeconds(), cpuSecondsOf(/postgres/)];
  const { ms } = await timed(walk);
  return { ms, js: ownCpuSeconds() - js, postgres: cpuSecondsOf(/postgres/) - postgres };
}

function figuresOf(passes: readonly Measured[]): Figure[] {
  const of = (what: keyof Measured) => median(passes.map((one) => one[what]));
  const note = `CPU: JavaScript ${of('js').toFixed(2)} s, Postgres ${of('postgres').toFixed(2)} s`;
  return [{ name: 'a pass over 10,000, nothing to do', value: of('ms'), unit: 'ms', must: 1_000, aim: 250, note }];
}

function callFigures({ calls }: World): Figure[] {
  const mutating = calls.filter((call) => call.changes).length;
  return [
    { name: '  calls that change something', value: mutating, unit: 'calls', must: 0 },
    { name: '  calls that read, a pass', value: calls.length / PASSES, unit: 'calls', note: `${HOSTS} hosts` },
  ];
}

function rowFigures(before: Rows, after: Rows): Figure[] {
  const changed = Object.keys(after).filter((table) => before[table] !== after[table]);
  return [
    {
      name: '  tables written to, but the queue',
      value: changed.length,
      unit: 'tables',
      must: 0,
      note: changed.join(', '),
    },
  ];
}

/** Looked at once in 300 s each, evenly spread: as they are a while after they came to rest. */
async function idle(cloud: BenchCloud): Promise<Figure> {
  await withClient(cloud, (client) =>
    client.query(`update queue set due_at = now_ms() + ${RESYNC_MS / 60} * ceil(random() * 60)`),
  );
  await quieted(cloud);
  const { js, postgres } = await measured(() => new Promise((resolve) => setTimeout(resolve, IDLE_MS)));
  const percent = (seconds: number) => (seconds * 100_000) / IDLE_MS;
  return {
    name: '10,000 settled, resync 300 s: CPU at rest',
    value: percent(js + postgres),
    unit: '% of a core',
    must: 5,
    note: `JavaScript ${percent(js).toFixed(1)} %, Postgres ${percent(postgres).toFixed(1)} %`,
  };
}

async function uidsOf({ store }: BenchCloud): Promise<string[]> {
  const uids: string[] = [];
  for (let after: string | undefined; ; ) {
    const query = { kind: 'VirtualMachine', orderBy: 'name' as const, limit: 500, ...(after && { after }) };
    const page = await store.list(query);
    uids.push(...page.items.map((item) => item.object.metadata.uid));
    after = page.items.at(-1)?.cursor;
    if (!page.hasMore) return uids;
  }
}

function wakeAll(cloud: BenchCloud): Promise<void> {
  return withClient(cloud, async (client) => {
    await client.query('update queue set due_at = now_ms()');
    await client.query("select pg_notify('steward_queue', '')");
  });
}

/** Follows one pass: every object that was made due is settled again. */
class Pass {
  #left = new Set<string>();
  #done: () => void = () => undefined;

  async over(uids: readonly string[], start: () => Promise<void>): Promise<void> {
    this.#left = new Set(uids);
    const done = new Promise<void>((resolve) => {
      this.#done = resolve;
    });
    await start();
    await done;
  }

  ended(uid: string, outcome: string): void {
    if (outcome !== 'settled' || !this.#left.delete(uid)) return;
    if (this.#left.size === 0) this.#done();
  }
}

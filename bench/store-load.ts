import { quietCompletion } from '../reconciler/completion.ts';
import { type BaseStatus, emptyStatus, newMetadata, type StoredObject } from '../reconciler/object.ts';
import { ENGINE } from '../reconciler/principal.ts';
import {
  type Claim,
  type Completion,
  type EngineStore,
  type ListQuery,
  type ObjectStore,
  SHARDS,
} from '../reconciler/store.ts';
import { median, percentile } from './figures.ts';

type Store = EngineStore & ObjectStore;

const BATCH = 100;
const WORKERS = 4;
const MEASURED_MS = 2_500;
const HOUR_MS = 3_600_000;

/** Objects a second that a store takes in calls of 1,000. */
export async function fill(store: Store, count: number): Promise<number> {
  const began = performance.now();
  for (let start = 0; start < count; start += 1_000) {
    const objects = Array.from({ length: Math.min(1_000, count - start) }, (_, i) => machine(start + i));
    const outcome = await store.write(
      objects.map((object) => ({ op: 'create', object, uniqueKeys: [] })),
      ENGINE,
    );
    if (!outcome.ok) throw new Error(`Writing failed: ${outcome.failure} ${outcome.detail}`);
  }
  return (count / (performance.now() - began)) * 1_000;
}

/** Lets everything come to rest, an hour ahead. */
export async function settle(store: Store): Promise<void> {
  for (;;) {
    const claims = await claim(store, 'settle', 1_000);
    if (claims.length === 0) return;
    await store.complete(claims.map((held) => ({ ...quiet(held), dueAt: held.claimedAt + HOUR_MS })));
  }
}

/** Claims and completions a second: 10,000 objects come due again and again, whatever else is there stays at rest. */
export async function measure(store: Store, complete: (held: Claim) => Completion): Promise<number> {
  const uids = Array.from({ length: 10_000 }, (_, i) => machine(i).metadata.uid);
  for (let start = 0; start < uids.length; start += 1_000) await store.wake(uids.slice(start, start + 1_000));
  let done = 0;
  const began = performance.now();
  const work = async (worker: number) => {
    while (performance.now() - began < MEASURED_MS) {
      const claims = await claim(store, `worker-${worker}`, BATCH);
      const results = await store.complete(claims.map(complete));
      if (results.some((result) => result !== 'done')) throw new Error('A completion was refused.');
      done += results.length;
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)));
  const rate = (done / (performance.now() - began)) * 1_000;
  await settle(store);
  return rate;
}

/** Milliseconds from claiming one object to having completed it, its state read in between. */
export async function latency(store: Store): Promise<{ p50: number; p99: number }> {
  const times: number[] = [];
  for (let i = 0; i < 200; i++) {
    await store.wake([machine(i).metadata.uid]);
    const began = performance.now();
    const claims = await claim(store, 'latency', BATCH);
    await store.load(claims.map(({ uid }) => uid));
    await store.complete(claims.map((held) => ({ ...withStatus(held), dueAt: held.claimedAt + HOUR_MS })));
    times.push(performance.now() - began);
  }
  return { p50: median(times), p99: percentile(times, 99) };
}

/**
 * How much longer pages far into a list take than its first. Each place is asked for several times in a row, in turn with the first page
 * and each time with another size, since the same page would only be found unchanged. The first times are not counted: a place must be as
 * warm as the first page is, which everybody asks for, or the ratio tells of the processor's caches and not of the depth.
 */
export async function pageRatio(store: Store): Promise<number> {
  const first: number[] = [];
  const far: number[] = [];
  for (const [place, after] of (await cursorsOf(store, { every: 10, max: 20 })).entries()) {
    await listTime(store, { limit: 450, after });
    await listTime(store, { limit: 450 });
    for (let turn = 0; turn < 12; turn++) {
      const limit = 40 + place * 12 + turn;
      const later = await listTime(store, { limit, after });
      const start = await listTime(store, { limit });
      if (turn < 4) continue;
      far.push(later);
      first.push(start);
    }
  }
  return median(far) / median(first);
}

async function cursorsOf(store: Store, { every, max }: { every: number; max: number }): Promise<string[]> {
  const cursors: string[] = [];
  let after: string | undefined;
  for (let page = 0; page < every * max; page++) {
    const { items } = await store.list({ ...MACHINES, limit: 450, ...(after && { after }) });
    after = items.at(-1)?.cursor;
    if (after !== undefined && page % every === every - 1) cursors.push(after);
  }
  return cursors;
}

async function listTime(store: Store, query: Pick<ListQuery, 'limit' | 'after'>): Promise<number> {
  const began = performance.now();
  await store.list({ ...MACHINES, ...query });
  return performance.now() - began;
}

const MACHINES = { kind: 'VirtualMachine', orderBy: 'name' } as const;

export function quiet(held: Claim): Completion {
  return quietCompletion(held, { dueAt: held.claimedAt, attempts: 0 });
}

export function withStatus(held: Claim): Completion {
  return { ...quiet(held), status: readyStatus(held.epoch) };
}

function readyStatus(generation: number): BaseStatus {
  const at = '2026-01-02T03:04:05.678Z';
  const condition = {
    type: 'Ready',
    reason: 'Ready',
    params: {},
    observedGeneration: generation,
    lastTransitionAt: at,
  };
  return { ...emptyStatus(), observedGeneration: generation, conditions: [{ ...condition, status: 'True' }] };
}

const ALL = Array.from({ length: SHARDS }, (_, shard) => shard);

function claim(store: Store, holder: string, limit: number): Promise<Claim[]> {
  return store.claim({ shards: ALL, limit, leaseMs: 60_000, holder });
}

function machine(index: number): StoredObject {
  return {
    apiVersion: 'steward/v1',
    kind: 'VirtualMachine',
    metadata: newMetadata({
      uid: `01940000-0000-7000-8000-${index.toString(16).padStart(12, '0')}`,
      name: `vm-${index}`,
      project: `project-${index % 50}`,
      account: 'acme',
      labels: { app: `app-${index % 20}`, tier: index % 2 ? 'front' : 'back' },
      createdAt: '2026-01-02T03:04:05.678Z',
      createdBy: 'bench',
      managed: { bench: [''] },
    }),
    spec: { cpus: 2, memoryMiB: 2_048, disks: [{ volume: `disk-${index}` }], nics: [{ network: 'default' }] },
    status: emptyStatus(),
  };
}

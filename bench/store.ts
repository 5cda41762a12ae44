import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { performance } from 'node:perf_hooks';
import { openDatabase } from '../postgres/embedded/open.ts';
import { openStore } from '../postgres/open-store.ts';
import { emptyStatus, type StoredObject } from '../reconciler/object.ts';
import { ENGINE } from '../reconciler/principal.ts';
import type { Claim, Completion, EngineStore, ObjectStore } from '../reconciler/store.ts';
import { SHARDS } from '../reconciler/store.ts';

const BATCH = 100;
const WORKERS = 4;
const MEASURED_MS = 4_000;

type Store = EngineStore & ObjectStore;

/**
 * Claims and completions a second through the store, in batches of 100 and durable, over a settled queue of 10,000 and 100,000 objects:
 * passes that find nothing to do, and passes that write a status each.
 */
export async function run(): Promise<void> {
  const folder = await mkdtemp(`${tmpdir()}/steward-bench-store-`);
  const database = await openDatabase({ embedded: folder });
  const opened = await openStore({ url: database.url, registry: { kind: () => undefined } });
  try {
    console.log(`store: ${database.description.split(' in ')[0]}, fsync on, ${WORKERS} workers, batches of ${BATCH}`);
    let objects = 0;
    for (const size of [10_000, 100_000]) {
      const began = performance.now();
      await fill(opened.store, { from: objects, to: size });
      const rate = ((size - objects) / (performance.now() - began)) * 1_000;
      objects = size;
      print(`write new objects, up to ${size}`, rate);
      await drain(opened.store);
      print(`claim + complete, nothing to do, ${size} rows`, await measure(opened.store, quiet));
      print(`claim + complete, status written, ${size} rows`, await measure(opened.store, withStatus));
      await printLatency(opened.store, size);
    }
  } finally {
    await opened.close();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function print(what: string, rate: number): void {
  console.log(`  ${what.padEnd(52)} ${Math.round(rate).toLocaleString('en').padStart(9)} /s`);
}

async function fill(store: Store, { from, to }: { from: number; to: number }): Promise<void> {
  for (let start = from; start < to; start += 1_000) {
    const objects = Array.from({ length: Math.min(1_000, to - start) }, (_, i) => machine(start + i));
    const outcome = await store.write(
      objects.map((object) => ({ op: 'create', object, uniqueKeys: [] })),
      ENGINE,
    );
    if (!outcome.ok) throw new Error(`Writing failed: ${outcome.failure} ${outcome.detail}`);
  }
}

function machine(index: number): StoredObject {
  const hex = index.toString(16).padStart(12, '0');
  return {
    apiVersion: 'steward/v1',
    kind: 'VirtualMachine',
    metadata: {
      uid: `01940000-0000-7000-8000-${hex}`,
      name: `vm-${index}`,
      project: `project-${index % 50}`,
      account: 'acme',
      labels: { app: `app-${index % 20}`, tier: index % 2 ? 'front' : 'back' },
      annotations: {},
      generation: 1,
      resourceVersion: '0',
      createdAt: '2026-01-02T03:04:05.678Z',
      createdBy: 'bench',
      deletedAt: null,
      finalizer: false,
      deleteProtection: false,
      sharing: 'own',
      adopt: null,
      ownerUid: null,
      ownerKey: null,
      requests: {},
      overrides: {},
      managed: { bench: [''] },
      allowedRisk: 'none',
      custom: {},
    },
    spec: {
      cpus: 2,
      memoryMiB: 2_048,
      disks: [{ volume: `disk-${index}` }],
      nics: [{ network: 'default' }],
      runStrategy: 'Always',
    },
    status: emptyStatus(),
  };
}

const ALL = Array.from({ length: SHARDS }, (_, shard) => shard);

function claim(store: Store, holder: string, limit = BATCH): Promise<Claim[]> {
  return store.claim({ shards: ALL, limit, leaseMs: 60_000, holder });
}

function quiet(held: Claim): Completion {
  return {
    claim: held,
    outcome: 'settled',
    status: null,
    claims: null,
    steps: [],
    events: [],
    journal: [],
    confirm: [],
    unbind: [],
    remove: false,
    children: { apply: [], remove: [] },
    dueAt: held.claimedAt,
    attempts: 0,
    shard: null,
  };
}

let turn = 0;

function withStatus(held: Claim): Completion {
  turn++;
  const condition = {
    type: 'Ready',
    reason: 'Ready',
    params: {},
    observedGeneration: 1,
    lastTransitionAt: '2026-01-02T03:04:05.678Z',
  };
  const status = {
    ...emptyStatus(),
    observedGeneration: turn,
    conditions: [{ ...condition, status: 'True' as const }],
  };
  return { ...quiet(held), status };
}

/** Lets everything come to rest, an hour ahead. */
async function drain(store: Store): Promise<void> {
  for (;;) {
    const claims = await claim(store, 'drain', 1_000);
    if (claims.length === 0) return;
    await store.complete(claims.map((held) => ({ ...quiet(held), dueAt: held.claimedAt + 3_600_000 })));
  }
}

/** A tenth of the objects come due again and again, the others stay at rest. */
async function measure(store: Store, complete: (held: Claim) => Completion): Promise<number> {
  const uids = Array.from({ length: 10_000 }, (_, i) => machine(i).metadata.uid);
  for (let start = 0; start < uids.length; start += 1_000) await store.wake(uids.slice(start, start + 1_000));
  let done = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: WORKERS }, async (_, worker) => {
      while (performance.now() - began < MEASURED_MS) {
        const claims = await claim(store, `worker-${worker}`);
        const results = await store.complete(claims.map(complete));
        if (results.some((result) => result !== 'done')) throw new Error('A completion was refused.');
        done += results.length;
      }
    }),
  );
  const rate = (done / (performance.now() - began)) * 1_000;
  await drain(store);
  return rate;
}

async function printLatency(store: Store, size: number): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < 200; i++) {
    await store.wake([machine(i).metadata.uid]);
    const began = performance.now();
    const claims = await claim(store, 'latency');
    await store.load(claims.map(({ uid }) => uid));
    await store.complete(claims.map((held) => ({ ...withStatus(held), dueAt: held.claimedAt + 3_600_000 })));
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
  console.log(
    `  ${`one object: claim, load, complete, ${size} rows`.padEnd(52)} p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
  );
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import pg from 'pg';
import { command, until } from '../lab/command.ts';
import type { LabHost } from '../lab/host.ts';
import { startLabHost } from '../lab/lab.ts';
import { type FreshDatabase, freshDatabase } from '../postgres.ts';
import { describeReal, labParts } from '../real-parts.ts';
import type { Key, Manifest, Seen } from './fixtures/api.ts';
import { chapters } from './fixtures/chapters.ts';
import { type Steward, startSteward } from './fixtures/steward.ts';

jest.setTimeout(400_000);

const KIND = 'VirtualMachine';
const LEASE_MS = 6_000;
const MACHINES = 150;
const BATCH = 10;

/** libvirt's own mock: real protocol, thousands of machines, and a log of every event that it sent. */
describeReal('three servers on one PostgreSQL, one killed again and again', [...labParts, 'embeddedPostgres'], () => {
  const chapter = chapters();
  let host: LabHost;
  let database: FreshDatabase;
  let sql: pg.Client;
  const servers: Steward[] = [];
  let kills = 0;
  beforeAll(async () => {
    host = await startLabHost({ name: 'mock', driver: 'test' });
    database = await freshDatabase();
    sql = new pg.Client({ connectionString: database.url });
    await sql.connect();
    for (const name of ['a', 'b', 'c']) {
      const like = servers[0] === undefined ? {} : { like: servers[0] };
      servers.push(await startSteward({ name, database: database.url, leaseMs: LEASE_MS, follow: false, ...like }));
    }
    await apply([
      {
        kind: 'Host',
        metadata: { name: 'mock' },
        spec: { uri: host.uri, cpuOvercommitPercent: 100_000, memoryOvercommitPercent: 100_000, reservedMemoryMiB: 0 },
      },
      { kind: 'ComputeOffering', metadata: { name: 'any' }, spec: { minCpus: 1, maxCpus: 4, placement: 'FirstFit' } },
    ]);
    await anyOf(({ api }) => api.reads({ kind: 'Host', name: 'mock' }, 'True Ready', { timeoutMs: 60_000 }));
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.close()));
    await sql?.end();
    await database?.drop();
    await host?.stop();
  });

  const machine = (index: number, memoryMiB = 64): Manifest => ({
    kind: KIND,
    metadata: { name: `m-${String(index).padStart(3, '0')}` },
    spec: { offering: 'any', cpus: 1, memoryMiB, maxMemoryMiB: 128, stopTimeoutSeconds: 0 },
  });
  const keyOf = ({ kind, metadata }: Manifest): Key => ({ kind, name: metadata.name });

  /** As a client with a list of addresses does: tries one after the other until one has acknowledged. */
  async function anyOf<T>(ask: (server: Steward) => Promise<T>): Promise<T> {
    let turn = kills;
    const asked = async () => ({
      answer: await ask(servers[turn++ % servers.length] as Steward).catch(() => undefined),
    });
    const answered = async () => {
      const { answer } = await asked();
      return answer === undefined ? undefined : { answer };
    };
    return (await until('an acknowledgement', answered, { timeoutMs: 180_000, everyMs: 100 })).answer;
  }
  const apply = (manifests: Manifest[]) => anyOf(({ api }) => api.apply(manifests).then(() => true));
  const remove = (keys: Key[]) =>
    anyOf(async ({ api }) => {
      const there = await Promise.all(keys.map(async (key) => ((await api.get(key.kind, key.name)) ? [key] : [])));
      if (there.flat().length > 0) await api.remove(...there.flat());
      return true;
    });
  const listed = () => anyOf(({ api }) => api.list(KIND));

  /** Kills one after the other, in turns, and starts each again, until told to end. */
  async function killInTurns(ended: () => boolean): Promise<void> {
    for (; !ended(); kills++) {
      const server = servers[kills % servers.length] as Steward;
      await server.kill();
      await server.start();
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
  }

  async function work(): Promise<void> {
    for (let from = 0; from < MACHINES; from += BATCH) {
      await apply(range(from, from + BATCH).map((index) => machine(index)));
      if (from >= 2 * BATCH) await apply(edited(from - 2 * BATCH).map((index) => machine(index, 96)));
      if (from >= 3 * BATCH) await remove(removed(from - 3 * BATCH).map((index) => keyOf(machine(index))));
    }
  }

  chapter('acknowledge creations, changes and deletions, and all of them come true', async () => {
    let done = false;
    const killing = killInTurns(() => done && kills >= 6);
    await work().finally(() => {
      done = true;
      return killing;
    });
    const settled = async () => {
      const machines = await listed();
      return machines.length === expected().length && machines.every(isReady) ? machines : undefined;
    };
    const machines = await until('all as acknowledged', settled, { timeoutMs: 180_000, everyMs: 1_000 });
    expect(machines.map(({ metadata, spec }) => [metadata.name, spec.memoryMiB])).toEqual(
      expected().map(({ metadata, spec }) => [metadata.name, spec?.memoryMiB]),
    );
  });

  chapter('the host has exactly these machines, running, as they should be', async () => {
    const uids = (await listed()).map(({ metadata }) => metadata.uid).sort();
    const names = async (...more: string[]) =>
      (await host.virsh('list', '--name', ...more))
        .split('\n')
        .filter((name) => name !== '' && name !== 'test')
        .sort();
    expect(await names()).toEqual(uids);
    expect(await names('--all')).toEqual(uids);
  });

  chapter('nothing was done twice: every machine was made once, started once, and removed once', async () => {
    const log = readFileSync(join(host.dir, 'log/events.log'), 'utf8');
    const counts = eventCounts(log);
    const present = new Set((await listed()).map(({ metadata }) => metadata.uid));
    const uids = [...counts.keys()].filter((name) => name !== 'test');
    expect(uids.length).toBeGreaterThanOrEqual(MACHINES - 3 * BATCH);
    const wrong = uids.filter((uid) => {
      const { added = 0, started = 0, undefinedCount = 0 } = counts.get(uid) ?? {};
      return added !== 1 || started > 1 || undefinedCount !== (present.has(uid) ? 0 : 1);
    });
    expect(wrong.map((uid) => [uid, counts.get(uid)])).toEqual([]);
    for (const uid of present) expect(counts.get(uid)).toMatchObject({ added: 1, started: 1 });
  });

  chapter('the books have no gap in their numbers and no time twice', async () => {
    const journal = await sql.query<{ uid: string; meter: string; rows: string; distinct: string; last: string }>(
      `select uid, meter, count(*) as rows, count(distinct seq) as distinct, max(seq) - min(seq) + 1 as last
       from journal group by uid, meter`,
    );
    expect(journal.rows.length).toBeGreaterThan(0);
    expect(journal.rows.filter(({ rows, distinct, last }) => rows !== distinct || rows !== last)).toEqual([]);
    const overlaps = await sql.query(
      `select one.place from coverage one join coverage other
       on one.place = other.place and one.from_at < other.from_at and other.from_at < one.to_at`,
    );
    expect(overlaps.rows).toEqual([]);
    const leases = await sql.query('select shard from shard_leases where holder is null or lease_until < 0');
    expect(leases.rows).toEqual([]);
  });

  chapter('the last one goes on alone within the lease', async () => {
    const [a, b, c] = servers as [Steward, Steward, Steward];
    await Promise.all([a.kill(), b.kill()]);
    const late = machine(MACHINES + 1);
    await c.api.apply([late]);
    const { metadata } = await c.api.reads(keyOf(late), 'True Ready');
    const [first] = (await c.api.list(KIND)).filter(({ metadata: { name } }) => name !== metadata.name);
    await command('virsh', ['-q', '-c', host.uri, 'destroy', String(first?.metadata.uid)]);
    const running = async () => (await host.virsh('list', '--name')).includes(String(first?.metadata.uid));
    await until('the last one repairs what was anybody else’s', running, { timeoutMs: 120_000 });
    // A machine whose shard was the last one's all along is repaired before the others' leases have ended.
    const holders = async () => {
      const { rows } = await sql.query<{ holder: string }>(
        'select distinct holder from shard_leases where lease_until > (select now_ms())',
      );
      return rows.map(({ holder }) => holder);
    };
    await until('every shard is the last one’s', async () => (await holders()).join() === 'c', { timeoutMs: 60_000 });
    expect(await holders()).toEqual(['c']);
  });

  /** What must be there in the end, in the order of names. */
  function expected(): Manifest[] {
    const gone = new Set(range(0, MACHINES - 3 * BATCH).filter((index) => index % BATCH < 2));
    const grown = new Set(range(0, MACHINES - 2 * BATCH).filter((index) => index % BATCH >= 2 && index % BATCH < 5));
    return range(0, MACHINES)
      .filter((index) => !gone.has(index))
      .map((index) => machine(index, grown.has(index) ? 96 : 64));
  }
});

const edited = (from: number): number[] => range(from + 2, from + 5);
const removed = (from: number): number[] => range(from, from + 2);

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

function isReady({ metadata, status }: Seen): boolean {
  const ready = status.conditions.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' && ready.observedGeneration === metadata.generation;
}

interface Counts {
  added?: number;
  started?: number;
  undefinedCount?: number;
}

/** How often each domain was defined anew, started and undefined, by what libvirt told everybody. */
function eventCounts(log: string): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  for (const [, name = '', what] of log.matchAll(/'lifecycle' for domain '?([^\s':]+)'?: (\w+ \w+)/g)) {
    const found = counts.get(name) ?? {};
    if (what === 'Defined Added') found.added = (found.added ?? 0) + 1;
    if (what?.startsWith('Started')) found.started = (found.started ?? 0) + 1;
    if (what?.startsWith('Undefined')) found.undefinedCount = (found.undefinedCount ?? 0) + 1;
    counts.set(name, found);
  }
  return counts;
}

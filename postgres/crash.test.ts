import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { createRegistry } from '../reconciler/registry.ts';
import { ALL_SHARDS, ANNA, completion, ready, wish } from '../test/contracts/store-fixture.ts';
import { TEST_VAULT } from '../test/fixtures/vault.ts';
import { type OpenDatabase, openDatabase } from './embedded/open.ts';
import { type OpenStore, openStore } from './open-store.ts';

jest.setTimeout(120_000);

describe('a server that is killed under load', () => {
  let folder: string;
  let database: OpenDatabase;
  let opened: OpenStore;
  let restarts: number;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'steward-crash-'));
    restarts = 0;
    database = await openDatabase({ embedded: folder, onRestart: () => void restarts++ });
    opened = await openStore({ url: database.url, registry: createRegistry([]), personal: TEST_VAULT.personal });
  });
  afterEach(async () => {
    await opened.close();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  const serverPid = async () => Number((await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);

  /** Pid of some backend that is ours. */
  async function backendPid(): Promise<number> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query("select pid from pg_stat_activity where application_name = 'steward' limit 1");
    await client.end();
    return rows[0].pid;
  }

  interface Acknowledged {
    created: string[];
    completed: Map<string, number>;
  }

  /** Writes and completes until told to stop; keeps what was acknowledged. */
  async function load(told: Acknowledged, stop: AbortSignal, worker: number): Promise<void> {
    const { store } = opened;
    for (let i = 0; !stop.aborted; i++) {
      const name = `w${worker}-${i}`;
      try {
        const outcome = await store.write(
          [{ op: 'create', object: wish({ name, metadata: { uid: name } }), uniqueKeys: [] }],
          ANNA,
        );
        if (outcome.ok) told.created.push(name);
        const claims = await store.claim({ shards: ALL_SHARDS, limit: 5, leaseMs: 60_000, holder: `w${worker}` });
        const results = await store.complete(claims.map((claim) => completion(claim, { status: ready(claim.epoch) })));
        for (const [index, claim] of claims.entries())
          if (results[index] === 'done') told.completed.set(claim.uid, claim.epoch);
      } catch {
        // Not acknowledged: the server was away for longer than the retries last. Nothing is claimed about it.
      }
    }
  }

  it('loses no acknowledged write and repeats none', async () => {
    const told: Acknowledged = { created: [], completed: new Map() };
    const stop = new AbortController();
    const loads = [1, 2, 3, 4].map((worker) => load(told, stop.signal, worker));
    for (let round = 0; round < 4; round++) {
      const before = told.created.length;
      while (told.created.length < before + 40) await new Promise((resolve) => setTimeout(resolve, 5));
      process.kill(round % 2 === 0 ? await serverPid() : await backendPid(), 'SIGKILL');
    }
    const before = told.created.length;
    while (told.created.length < before + 20) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    await Promise.all(loads);

    const { store } = opened;
    const objects = await store.getByUid(told.created);
    expect(told.created.filter((_, index) => objects[index] === undefined)).toEqual([]);
    const completed = await store.getByUid([...told.completed.keys()]);
    const lost = completed.filter(
      (object) => object && object.status.observedGeneration < (told.completed.get(object.metadata.uid) ?? 0),
    );
    expect(lost).toEqual([]);
    const audited = await audits();
    expect(audited.filter((uid, index) => audited.indexOf(uid) !== index)).toEqual([]);
    expect(restarts).toBeGreaterThanOrEqual(2);
  });

  async function audits(): Promise<string[]> {
    const uids: string[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await opened.store.audit({ limit: 500, ...(after === undefined ? {} : { after }) });
      uids.push(...page.items.map(({ row }) => row.uid));
      after = page.items.at(-1)?.cursor;
      if (!page.hasMore) return uids;
    }
  }
});

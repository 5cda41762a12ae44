import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { applyManifests } from '../reconciler/admission/apply.ts';
import { DEFAULT_OPTIONS, type Engine } from '../reconciler/engine.ts';
import { createMemoryStore } from '../reconciler/memory/store.ts';
import type { StoredObject } from '../reconciler/object.ts';
import { reconcileOnce } from '../reconciler/reconcile.ts';
import { createRegistry } from '../reconciler/registry.ts';
import { openSession } from '../reconciler/session.ts';
import { SHARDS } from '../reconciler/store.ts';
import { Secret } from '../resources/compute/secret/kind.ts';
import { Account } from '../resources/identity/account/kind.ts';
import { Project } from '../resources/identity/project/kind.ts';
import type { LastSync, Ports } from '../resources/ports.ts';
import { Source } from '../resources/source/source/kind.ts';
import { testSealer } from '../test/fixtures/sealer.ts';
import { applyToStore } from './apply-to-store.ts';
import { testClock } from './fixtures/clock.ts';
import { createGitSource } from './git.ts';
import { createSources, type Sources } from './source.ts';

const ANNA = { actor: 'user:anna', onBehalfOf: null, from: 'test', requestId: 'r1' };
const SHARD_LIST = Array.from({ length: SHARDS }, (_, shard) => shard);
const space = (name: string, size = 1) =>
  `kind: Project
metadata: {name: ${name}}
spec: {account: acme, displayName: "${size}"}
`;

let scratch: string;
let folder: string;
let sources: Sources;
let time: number;
let changed: string[];
let world: ReturnType<typeof createWorld>;

/** Source objects on the production engine, a store in memory, real folders and a real git binary. */
function createWorld() {
  const registry = createRegistry<Ports>([Account, Project, Secret, Source]);
  const clock = { ...testClock, now: () => time };
  const store = createMemoryStore({ clock, registry });
  let made = 0;
  const ids = { uid: () => `01940000-0000-7000-8000-${(++made).toString(16).padStart(12, '0')}` };
  const environment = { clock, ids, random: { next: () => 0.5 } };
  const sealer = testSealer;
  const admission = { registry, store, environment, sealer };
  const kept = new Map<string, LastSync>();
  sources = createSources({
    registry,
    clock,
    apply: applyToStore(admission),
    git: createGitSource({
      cacheFolder: join(scratch, 'cache'),
      clock: testClock,
      addressOf: async (host) => ({ ok: false, error: { code: 'Unreachable', message: host } }),
      schemes: ['file'],
    }),
    folders: [folder],
    open: async (sealed) => ({ ok: true, value: sealed.split(':')[3] ?? '' }),
    memory: {
      get: async (uid) => kept.get(uid) ?? null,
      set: async (uid, last) => {
        kept.set(uid, last);
      },
    },
    changed: (uid) => changed.push(uid),
  });
  const engine: Engine<Ports> = {
    registry,
    store: openSession(store),
    ports: { sources } as unknown as Ports,
    environment,
    installationId: 'test',
    options: DEFAULT_OPTIONS,
    watcher: {
      defect: ({ error }) => {
        throw error;
      },
    },
  };
  return { admission, engine, store };
}

async function settle(seconds = 1): Promise<void> {
  time += seconds * 1000;
  for (let turn = 0; turn < 20; turn++) {
    const claims = await world.store.claim({ shards: SHARD_LIST, limit: 500, leaseMs: 30_000, holder: 'a' });
    if (claims.length === 0) return;
    for (const claim of claims) await reconcileOnce(world.engine, claim, new AbortController().signal);
  }
  throw new Error('It does not settle.');
}

async function follow(spec: Record<string, unknown>): Promise<void> {
  const manifests = [
    { kind: 'Account', metadata: { name: 'acme' }, spec: {} },
    { kind: 'Project', metadata: { name: 'default' }, spec: { account: 'acme' } },
    { kind: 'Source', metadata: { name: 'infra' }, spec: { intervalSeconds: 60, ...spec } },
  ] as never[];
  expect(await applyManifests(world.admission, { manifests, principal: ANNA, source: 'api' })).toMatchObject({
    ok: true,
  });
  await settle();
}

async function infra() {
  const [found] = await world.store.getByKey([{ kind: 'Source', project: 'default', name: 'infra' }]);
  const { status } = found as StoredObject;
  const condition = (type: string) => {
    const one = status.conditions.find((c) => c.type === type);
    return `${one?.status} ${one?.reason}`;
  };
  return { status, ready: condition('Ready'), applied: condition('Applied'), fetched: condition('Fetched') };
}

async function spaces(): Promise<Record<string, number>> {
  const page = await world.store.list({ kind: 'Project', orderBy: 'name', limit: 100 });
  const made = page.items.filter(({ object }) => object.metadata.name !== 'default');
  return Object.fromEntries(made.map(({ object }) => [object.metadata.name, Number(object.spec.displayName)]));
}
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'steward-source-'));
  folder = join(scratch, 'manifests');
  mkdirSync(folder);
  time = Date.parse('2026-01-01T00:00:00Z');
  changed = [];
  world = createWorld();
});
afterEach(async () => {
  await sources.close();
  rmSync(scratch, { recursive: true, force: true });
});

describe('a folder as a source', () => {
  it('is applied, followed, and pruned of what it no longer holds', async () => {
    write('a.yaml', `${space('small')}---\n${space('large', 4)}`);
    await follow({ folder });
    expect(await spaces()).toEqual({ large: 4, small: 1 });
    expect(await infra()).toMatchObject({
      ready: 'True Ready',
      status: { files: 1, objects: 2, changed: 2, pruned: 0, errorCount: 0 },
    });

    write('a.yaml', space('small', 2));
    await settle(70);
    expect(await spaces()).toEqual({ small: 2 });
    expect(await infra()).toMatchObject({ ready: 'True Ready', status: { objects: 1, changed: 1, pruned: 1 } });
  });

  it('applies nothing of a revision with errors, says where they are, and heals by itself', async () => {
    write('a.yaml', space('small'));
    await follow({ folder });
    write('a.yaml', `${space('small', 8)}---\n${space('bad').replace('displayName', 'displayNam')}`);
    await settle(70);
    expect(await spaces()).toEqual({ small: 1 });
    const { ready, applied, status } = await infra();
    expect([ready, applied]).toEqual(['False ManifestsRefused', 'False ManifestsRefused']);
    expect(status.errors).toEqual(
      expect.arrayContaining([
        {
          file: 'a.yaml',
          line: 7,
          column: 23,
          message: 'spec.displayNam: is not a field of Project; did you mean "displayName"?',
        },
      ]),
    );
    write('a.yaml', space('small', 8));
    await settle(70);
    expect(await infra()).toMatchObject({ ready: 'True Ready', status: { errorCount: 0 } });
    expect(await spaces()).toEqual({ small: 8 });
  });

  it('shows no value of a field that is about a person', async () => {
    write('a.yaml', 'kind: Account\nmetadata: {name: xanter}\nspec: {ownerEmail: philomena at xanter.example}\n');
    await follow({ folder });
    const { errors } = (await infra()).status;
    expect(errors).toEqual([expect.objectContaining({ line: 3, message: expect.stringContaining('is (hidden); ') })]);
    expect(JSON.stringify(errors)).not.toContain('philomena');
  });

  it("places the server's own objections too", async () => {
    write('a.yaml', '# who pays\n---\nkind: Project\nmetadata: {name: p}\nspec: {account: nobody}\n');
    await follow({ folder });
    const { status } = await infra();
    expect(status.errors).toEqual([
      { file: 'a.yaml', line: 5, column: 17, message: expect.stringContaining('nobody') },
    ]);
  });

  it('does not take an emptied folder for a wish, until somebody says it is one', async () => {
    for (const name of ['a', 'b']) write(`${name}.yaml`, space(name));
    await follow({ folder });
    rmSync(join(folder, 'a.yaml'));
    rmSync(join(folder, 'b.yaml'));
    await settle(70);
    expect(await spaces()).toEqual({ a: 1, b: 1 });
    expect((await infra()).status.errors).toEqual([
      expect.objectContaining({ message: expect.stringContaining('holds no manifest any more; its 2 objects stay') }),
    ]);
    await follow({ folder, allowEmpty: true });
    await settle();
    expect(await spaces()).toEqual({});
    expect((await infra()).ready).toBe('True Ready');
  });

  it('leaves what it made when it must not prune', async () => {
    write('a.yaml', space('a'));
    write('b.yaml', space('b'));
    await follow({ folder, prune: false });
    rmSync(join(folder, 'b.yaml'));
    await settle(70);
    expect(await spaces()).toEqual({ a: 1, b: 1 });
  });

  it('changes nothing when something that it would remove is protected', async () => {
    write('a.yaml', space('a'));
    write('b.yaml', space('b').replace('{name: b}', '{name: b, deleteProtection: true}'));
    await follow({ folder });
    write('a.yaml', space('a', 2));
    rmSync(join(folder, 'b.yaml'));
    await settle(70);
    expect(await spaces()).toEqual({ a: 1, b: 1 });
    expect((await infra()).status.errors).toEqual([
      expect.objectContaining({ message: expect.stringContaining('b is protected from deletion') }),
    ]);
    write('b.yaml', space('b'));
    await settle(70);
    rmSync(join(folder, 'b.yaml'));
    await settle(70);
    expect(await spaces()).toEqual({ a: 2 });
  });

  it('brings back what somebody deleted by hand, in time', async () => {
    write('a.yaml', space('a'));
    await follow({ folder });
    const key = { kind: 'Project', project: null, name: 'a' };
    const [object] = await world.store.getByKey([key]);
    await applyToStore(world.admission).apply({
      manifests: [],
      remove: [{ ...key, project: object?.metadata.project ?? null }],
      source: 'api',
    });
    await settle();
    expect(await spaces()).toEqual({});
    await settle(620);
    expect(await spaces()).toEqual({ a: 1 });
  });

  it('rests while suspended', async () => {
    write('a.yaml', space('a'));
    await follow({ folder, suspend: true });
    expect(await spaces()).toEqual({});
    expect(await infra()).toMatchObject({ applied: 'False Suspended' });
    await follow({ folder });
    expect(await spaces()).toEqual({ a: 1 });
  });

  it('is refused outside of the folders that the server allows', async () => {
    for (const place of [scratch, '/etc', join(folder, '..')]) {
      await follow({ folder: place });
      const { ready, status } = await infra();
      expect(ready).toBe('False SourceUnavailable');
      expect(status.conditions[0]?.params.message).toContain('none of those that the server lets sources read');
    }
  });

  it('rings when its content changes, so that nobody waits for the interval', async () => {
    write('a.yaml', space('a'));
    await follow({ folder });
    while (changed.length === 0) {
      write('b.yaml', `# ${Math.random()}\n${space('b')}`);
      await testClock.sleep(400);
    }
    expect(changed.length).toBeGreaterThan(0);
  });
});

describe('a Git branch as a source', () => {
  it('is applied at its newest commit, which the status names', async () => {
    const remote = join(scratch, 'remote');
    mkdirSync(join(remote, 'prod'), { recursive: true });
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
        cwd: remote,
        encoding: 'utf8',
      }).trim();
    const commit = (cpus: number) => {
      writeFileSync(join(remote, 'prod', 'o.yaml'), space('o', cpus));
      git('add', '-A');
      git('commit', '-qm', 'x');
      return git('rev-parse', 'HEAD');
    };
    git('init', '-q', '-b', 'main');
    const first = commit(1);
    await follow({ git: { url: `file://${remote}`, path: 'prod' } });
    expect(await spaces()).toEqual({ o: 1 });
    expect(await infra()).toMatchObject({ ready: 'True Ready', status: { revision: first, available: first } });
    const second = commit(2);
    await settle(70);
    expect(await spaces()).toEqual({ o: 2 });
    expect((await infra()).status.revision).toBe(second);
  });

  it('says why it cannot be read, and keeps what was applied', async () => {
    await follow({ git: { url: 'https://git.example.invalid/x.git' } });
    expect(await infra()).toMatchObject({ ready: 'False SourceUnavailable', fetched: 'False SourceUnavailable' });
  });
});

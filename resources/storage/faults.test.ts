import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../hypervisor/memory/faults.ts';
import { type Cloud, createCloud, hostManifest, PROJECT, poolManifest } from '../../test/fixtures/cloud.ts';

const LONG_MS = 900_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'images-'));
  await writeFile(join(folder, 'small.raw'), Buffer.alloc(10_000, 'x'));
});
afterAll(() => rm(folder, { recursive: true }));

const WISHES = [
  ...PROJECT,
  hostManifest('h1'),
  poolManifest('main', ['h1']),
  { kind: 'Image', metadata: { name: 'small' }, spec: { source: { file: 'small.raw' }, format: 'raw' } },
  { kind: 'Volume', metadata: { name: 'empty' }, spec: { pool: 'main', sizeGiB: 2 } },
  { kind: 'Volume', metadata: { name: 'copied' }, spec: { pool: 'main', sizeGiB: 2, image: 'small' } },
];
const GROWN = { kind: 'Volume', metadata: { name: 'empty' }, spec: { pool: 'main', sizeGiB: 3 } };

const files = (cloud: Cloud) => cloud.world.state.hosts.h1?.folders['/pools/main'] ?? {};

const calls = (cloud: Cloud, verb: string) => cloud.world.calls.filter((call) => call.verb === verb).length;

/** What must be there, whatever went wrong on the way. */
async function expected(cloud: Cloud): Promise<string[]> {
  const uid = async (kind: string, name: string) => (await cloud.get(kind, name))?.metadata.uid;
  const volumes = [await uid('Volume', 'empty'), await uid('Volume', 'copied')].map((found) => `${found}.qcow2`);
  return [`${await uid('Image', 'small')}.image.raw`, ...volumes].sort();
}

/** With how many calls at least it comes out right: what was done needs no second one. */
const FAULTS: [string, Fault, number][] = [
  ['is refused once', { kind: 'error', code: 'Failed' }, 3],
  ['finds the host away', { kind: 'error', code: 'Unreachable' }, 3],
  ['finds no room for a while', { kind: 'error', code: 'NoSpace' }, 3],
  ['is done, and the answer is lost', { kind: 'lostReply' }, 1],
];
const VERBS = ['pools.ensure', 'volumes.create', 'volumes.upload', 'volumes.clone', 'volumes.sight', 'pools.sight'];

describe.each(VERBS)('when %s', (verb) => {
  it.each(FAULTS)('%s, everything is made in the end, once', async (_what, fault, least) => {
    const cloud = createCloud({ imageFolders: [folder] });
    cloud.faults.next({ verb }, fault, 2);
    await cloud.apply(WISHES);
    await cloud.settle(LONG_MS);
    expect(Object.keys(files(cloud)).sort()).toEqual(await expected(cloud));
    expect(await cloud.ready('Volume', 'empty')).toBe('True Ready');
    expect(await cloud.ready('Volume', 'copied')).toBe('True Ready');
    expect(calls(cloud, verb)).toBeGreaterThanOrEqual(least);
    const deeds = cloud.deeds().length;
    await cloud.settle(LONG_MS);
    expect(cloud.deeds()).toHaveLength(deeds);
  });
});

describe.each(['volumes.grow', 'volumes.remove', 'pools.remove', 'volumes.sight'])('when, later, %s', (verb) => {
  it.each(FAULTS)('%s, what grows has grown and what goes is gone', async (_what, fault, least) => {
    const cloud = createCloud({ imageFolders: [folder] });
    await cloud.apply(WISHES);
    await cloud.settle();
    cloud.faults.next({ verb }, fault, 2);
    await cloud.apply([GROWN]);
    await cloud.settle(LONG_MS);
    expect((await cloud.get('Volume', 'empty'))?.status.sizeGiB).toBe(3);
    cloud.faults.next({ verb }, fault, 2);
    const project = 'default';
    await cloud.remove(
      { kind: 'Volume', project, name: 'empty' },
      { kind: 'Volume', project, name: 'copied' },
      { kind: 'Image', project, name: 'small' },
      { kind: 'StoragePool', project: null, name: 'main' },
      { kind: 'Host', project: null, name: 'h1' },
    );
    await cloud.settle(LONG_MS);
    expect(calls(cloud, verb)).toBeGreaterThanOrEqual(least);
    expect(files(cloud)).toEqual({});
    expect(cloud.world.state.hosts.h1?.pools).toEqual({});
    expect(await cloud.get('Host', 'h1')).toBeUndefined();
    expect((await cloud.store.list({ kind: 'ImageCopy', orderBy: 'name', limit: 1 })).items).toEqual([]);
  });
});

describe('an image that is deleted while it is copied', () => {
  it('is not copied to its end first, and leaves nothing', async () => {
    const cloud = createCloud({ imageFolders: [folder] });
    const { ports } = cloud.engine;
    const begunAt = cloud.clock.now();
    let sent = 0;
    /** A server that sends a byte now and then, for hours. */
    async function* trickle() {
      await cloud.remove(
        { kind: 'Volume', project: 'default', name: 'copied' },
        { kind: 'Image', project: 'default', name: 'small' },
      );
      await cloud.settle(0);
      for (; sent < 1_000; sent++) {
        await new Promise((resolve) => setImmediate(resolve));
        cloud.clock.advanceTo(Math.min(cloud.clock.now() + 5_000, begunAt + 20_000));
        yield new Uint8Array(1);
      }
    }
    const open: typeof ports.content.open = async () => ({ ok: true, value: { bytes: 10_000, stream: trickle() } });
    Object.assign(ports, { content: { ...ports.content, open } });
    await cloud.apply(WISHES);
    await cloud.settle();
    expect(await cloud.get('Image', 'small')).toBeUndefined();
    expect(Object.keys(files(cloud))).toEqual([`${(await cloud.get('Volume', 'empty'))?.metadata.uid}.qcow2`]);
    expect(sent).toBeLessThan(1_000);
    expect(calls(cloud, 'volumes.upload')).toBe(1);
  });
});

import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DiskSpec, VolumeAddress } from '../../hypervisor/port.ts';
import { type Cloud, createCloud, hostManifest, PROJECT, poolManifest } from '../../test/fixtures/cloud.ts';
import { machineSpec } from '../../test/fixtures/machine-spec.ts';
import { hostsOfPool } from './pool-hosts.ts';

const GIB = 1024 ** 3;
const IMAGE_BYTES = Buffer.alloc(700_000, 'a small disk');
const CHECKSUM = `sha256:${createHash('sha256').update(IMAGE_BYTES).digest('hex')}`;
const WRONG = `sha256:${'0'.repeat(64)}`;
const RESYNC_MS = 400_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'images-'));
  await writeFile(join(folder, 'small.raw'), IMAGE_BYTES);
});
afterAll(() => rm(folder, { recursive: true }));

const volume = (name: string, spec: Record<string, string | number> = {}) => ({
  kind: 'Volume',
  metadata: { name },
  spec,
});
const image = (checksum: string, source: Record<string, string> = { file: 'small.raw' }) => ({
  kind: 'Image',
  metadata: { name: 'small' },
  spec: { source, checksum, format: 'raw' },
});
const key = (kind: string, name: string) => ({ kind, project: 'default', name });
const globalKey = (kind: string, name: string) => ({ kind, project: null, name });

/** One host, one pool, and whatever else. */
async function cloudWith(...manifests: Parameters<Cloud['apply']>[0]): Promise<Cloud> {
  const cloud = createCloud({ imageFolders: [folder] });
  const applied = await cloud.apply([...PROJECT, hostManifest('h1'), poolManifest('main', ['h1']), ...manifests]);
  expect(applied).toMatchObject({ ok: true });
  await cloud.settle();
  return cloud;
}

const files = (cloud: Cloud, host = 'h1', path = '/pools/main') => cloud.world.state.hosts[host]?.folders[path] ?? {};
const uidOf = async (cloud: Cloud, kind: string, name: string) => (await cloud.get(kind, name))?.metadata.uid ?? '';

/** A defined machine of ours that has the volume as its disk. */
async function attach(cloud: Cloud, name: string, power: 'running' | 'off') {
  const { poolUid, file } = ((await cloud.get('Volume', name))?.status ?? {}) as unknown as Record<string, string>;
  const spec = machineSpec({ disks: [diskOn({ poolUid: poolUid ?? '', name: file ?? '' })] });
  const host = await cloud.engine.ports.hypervisors.at(await uidOf(cloud, 'Host', 'h1'));
  if (!host.ok) throw new Error(host.error.message);
  expect(await host.value.machines.define(spec)).toMatchObject({ ok: true });
  if (power === 'running') expect(await host.value.machines.start(spec.uid)).toMatchObject({ ok: true });
  return spec.uid;
}

function diskOn(source: VolumeAddress): DiskSpec {
  const disk = { name: 'root', device: 'disk', bus: 'virtio', source, format: 'qcow2', readOnly: false } as const;
  return { ...disk, bootIndex: null, iops: null, cache: null };
}

describe('a volume', () => {
  it('is made in the pool, ready, and nothing more is done in the next passes', async () => {
    const cloud = await cloudWith(volume('data', { sizeGiB: 5, pool: 'main' }));
    const uid = await uidOf(cloud, 'Volume', 'data');
    expect(files(cloud)).toMatchObject({ [`${uid}.qcow2`]: { capacityBytes: 5 * GIB, format: 'qcow2' } });
    expect(await cloud.ready('Volume', 'data')).toBe('True Ready');
    const deeds = cloud.deeds();
    await cloud.settle(2 * RESYNC_MS);
    expect(cloud.deeds()).toEqual(deeds);
    expect(deeds).toEqual(['pools.ensure', 'volumes.create']);
  });

  it('goes to the pool that has the tags and the most room, and says why', async () => {
    const cloud = createCloud();
    await cloud.apply([
      ...PROJECT,
      hostManifest('h1'),
      hostManifest('h2', { uri: 'memory://h2?storageGiB=500' }),
      poolManifest('slow', ['h2']),
      poolManifest('fast-full', ['h1'], { tags: ['ssd'], overcommitPercent: 10 }),
      poolManifest('fast', ['h1'], { tags: ['ssd'] }),
      poolManifest('closed', ['h2'], { tags: ['ssd'], allocation: 'Disabled' }),
      { kind: 'DiskOffering', metadata: { name: 'fast' }, spec: { tags: ['ssd'], iops: 500 } },
      volume('data', { sizeGiB: 20, offering: 'fast' }),
    ]);
    await cloud.settle();
    const data = await cloud.get('Volume', 'data');
    expect(data?.status).toMatchObject({ pool: 'fast', iops: 500, allocated: { pool: 'fast' } });
    const notes = data?.status.placement as unknown as {
      name: string;
      chosen: boolean;
      rejectedBy: { code: string } | null;
    }[];
    expect(Object.fromEntries(notes.map(({ name, rejectedBy }) => [name, rejectedBy?.code ?? 'chosen']))).toEqual({
      slow: 'TagsMissing',
      fast: 'chosen',
      'fast-full': 'PoolFull',
      closed: 'PoolDisabled',
    });
  });

  it('waits while the pool is full, says by how much, and is made when there is room', async () => {
    const cloud = await cloudWith(
      volume('big', { sizeGiB: 190, pool: 'main' }),
      volume('late', { sizeGiB: 20, pool: 'main' }),
    );
    const refused = (await cloud.ready('Volume', 'late')) === 'False PoolFull' ? 'late' : 'big';
    expect(await cloud.condition('Volume', refused)).toMatchObject({ reason: 'PoolFull', params: { pool: 'main' } });
    expect(Object.keys(files(cloud))).toHaveLength(1);
    await cloud.apply([poolManifest('main', ['h1'], { overcommitPercent: 300 })]);
    await cloud.settle();
    expect(await cloud.ready('Volume', 'late')).toBe('True Ready');
    expect(await cloud.ready('Volume', 'big')).toBe('True Ready');
  });

  it('grows at rest, refuses to shrink', async () => {
    const cloud = await cloudWith(volume('data', { sizeGiB: 5, pool: 'main' }));
    await cloud.apply([volume('data', { sizeGiB: 8, pool: 'main' })]);
    await cloud.settle();
    expect(Object.values(files(cloud))).toMatchObject([{ capacityBytes: 8 * GIB }]);
    expect((await cloud.get('Volume', 'data'))?.status.sizeGiB).toBe(8);
    const refused = await cloud.apply([volume('data', { sizeGiB: 7, pool: 'main' })]);
    expect(refused).toMatchObject({ ok: false, issues: [{ path: '/spec/sizeGiB' }] });
    expect(await cloud.store.capacity()).toContainEqual(
      expect.objectContaining({ resource: 'storageMiB', used: 8 * 1024, limit: 200 * 1024 }),
    );
  });

  it('grows through the machine that runs on it', async () => {
    const cloud = await cloudWith(volume('data', { sizeGiB: 5, pool: 'main' }));
    await attach(cloud, 'data', 'running');
    await cloud.apply([volume('data', { sizeGiB: 8, pool: 'main' })]);
    await cloud.settle();
    expect(cloud.deeds().at(-1)).toBe('machines.resizeDisk');
    expect(Object.values(files(cloud))).toMatchObject([{ capacityBytes: 8 * GIB }]);
    expect((await cloud.get('Volume', 'data'))?.status.attachedTo).toMatchObject({ disk: 'root', running: true });
  });

  it('is not deleted while a machine has it, and leaves nothing behind afterwards', async () => {
    const cloud = await cloudWith(volume('data', { sizeGiB: 5, pool: 'main' }));
    const machine = await attach(cloud, 'data', 'off');
    await cloud.remove(key('Volume', 'data'));
    await cloud.settle();
    expect(await cloud.condition('Volume', 'data')).toMatchObject({
      reason: 'StillAttached',
      params: { machineUid: machine },
    });
    cloud.hand('h1').undefine(machine);
    await cloud.settle();
    expect(await cloud.get('Volume', 'data')).toBeUndefined();
    expect(files(cloud)).toEqual({});
    expect(await cloud.store.capacity()).toContainEqual(expect.objectContaining({ resource: 'storageMiB', used: 0 }));
  });

  it('whose data was lost is not replaced in silence', async () => {
    const cloud = await cloudWith(volume('data', { sizeGiB: 5, pool: 'main' }));
    const [name = ''] = Object.keys(files(cloud));
    const poolUid = await uidOf(cloud, 'StoragePool', 'main');
    cloud.hand('h1').deleteVolume({ poolUid, name });
    await cloud.settle(2 * RESYNC_MS);
    expect(await cloud.condition('Volume', 'data', 'Provisioned')).toMatchObject({
      status: 'False',
      reason: 'DataLost',
    });
    expect(await cloud.ready('Volume', 'data')).toBe('False ApprovalRequired');
    expect(files(cloud)).toEqual({});
    await cloud.request(key('Volume', 'data'), 'recreate', 't1');
    await cloud.settle();
    expect(Object.keys(files(cloud))).toEqual([name]);
    expect(await cloud.ready('Volume', 'data')).toBe('True Ready');
    cloud.hand('h1').deleteVolume({ poolUid, name });
    await cloud.settle(2 * RESYNC_MS);
    expect(files(cloud)).toEqual({});
  });

  it('whose data was lost is made anew when the risk is allowed', async () => {
    const cloud = await cloudWith(volume('data', { sizeGiB: 5, pool: 'main' }));
    const [name = ''] = Object.keys(files(cloud));
    cloud.hand('h1').deleteVolume({ poolUid: await uidOf(cloud, 'StoragePool', 'main'), name });
    await cloud.settle(RESYNC_MS);
    await cloud.apply([volume('data', { sizeGiB: 6, pool: 'main' })], { allowedRisk: 'dataLoss' });
    await cloud.settle();
    expect(files(cloud)).toMatchObject({ [name]: { capacityBytes: 6 * GIB } });
  });

  it('is neither made, removed nor forgotten while its host is silent', async () => {
    const cloud = await cloudWith(volume('data', { sizeGiB: 5, pool: 'main' }));
    cloud.hand('h1').setUnreachable(true);
    await cloud.remove(key('Volume', 'data'));
    await cloud.apply([volume('more', { sizeGiB: 5, pool: 'main' })]);
    await cloud.settle(RESYNC_MS);
    expect(await cloud.ready('Volume', 'data')).toBe('False PlaceSilent');
    expect((await cloud.ready('Volume', 'more'))?.split(' ')[0]).toBe('False');
    expect(Object.keys(files(cloud))).toHaveLength(1);
    cloud.hand('h1').setUnreachable(false);
    await cloud.settle(RESYNC_MS);
    expect(await cloud.get('Volume', 'data')).toBeUndefined();
    expect(Object.keys(files(cloud))).toEqual([`${await uidOf(cloud, 'Volume', 'more')}.qcow2`]);
  });
});

describe('an image', () => {
  it('is copied once to the pool that needs it, and every volume there is a copy of that', async () => {
    const cloud = await cloudWith(
      image(CHECKSUM),
      volume('a', { image: 'small', pool: 'main' }),
      volume('b', { image: 'small', pool: 'main' }),
    );
    expect(await cloud.ready('Volume', 'a')).toBe('True Ready');
    expect(await cloud.ready('Volume', 'b')).toBe('True Ready');
    const imageUid = await uidOf(cloud, 'Image', 'small');
    const copy = files(cloud)[`${imageUid}.image.raw`];
    expect(`sha256:${copy?.content?.sha256}`).toBe(CHECKSUM);
    expect(files(cloud)[`${await uidOf(cloud, 'Volume', 'a')}.qcow2`]).toMatchObject({ content: copy?.content });
    expect(cloud.deeds().filter((verb) => verb === 'volumes.upload')).toHaveLength(1);
    expect((await cloud.get('Image', 'small'))?.status).toMatchObject({
      bytes: IMAGE_BYTES.length,
      copies: [{ pool: 'main', ready: true }],
    });
  });

  it('with a wrong checksum is refused with both digests, leaves no file, and is not fetched again and again', async () => {
    const cloud = await cloudWith(image(WRONG), volume('a', { image: 'small', pool: 'main' }));
    await cloud.settle(3 * RESYNC_MS);
    expect(files(cloud)).toEqual({});
    expect(cloud.deeds().filter((verb) => verb === 'volumes.upload')).toHaveLength(1);
    expect((await cloud.get('Image', 'small'))?.status).toMatchObject({
      copies: [{ ready: false, reason: 'ChecksumMismatch' }],
    });
    const [copy] = (await cloud.store.list({ kind: 'ImageCopy', orderBy: 'name', limit: 2 })).items;
    const ready = copy?.object.status.conditions.find(({ type }) => type === 'Ready');
    expect(ready).toMatchObject({ reason: 'ChecksumMismatch', params: { expected: WRONG, found: CHECKSUM } });
    expect(await cloud.condition('Volume', 'a')).toMatchObject({
      reason: 'ImageCopyPending',
      params: { why: 'ChecksumMismatch' },
    });
  });

  it('takes its copies with it, once nobody uses it', async () => {
    const cloud = await cloudWith(image(CHECKSUM), volume('a', { image: 'small', pool: 'main' }));
    await cloud.remove(key('Image', 'small'));
    await cloud.settle();
    expect(await cloud.condition('Image', 'small')).toMatchObject({ reason: 'InUse', params: { holders: 'Volume/a' } });
    await cloud.remove(key('Volume', 'a'));
    await cloud.settle();
    expect(await cloud.get('Image', 'small')).toBeUndefined();
    expect(files(cloud)).toEqual({});
  });

  it('that is public serves volumes of other projects; one that is not does not', async () => {
    const cloud = await cloudWith({ kind: 'Project', metadata: { name: 'shop' }, spec: {} }, image(CHECKSUM));
    const theirs = {
      kind: 'Volume',
      metadata: { name: 'a', project: 'shop' },
      spec: { image: 'default/small', pool: 'main' },
    };
    expect(await cloud.apply([theirs])).toMatchObject({ ok: false, issues: [{ path: '/spec/image' }] });
    const shared = image(CHECKSUM);
    await cloud.apply([{ ...shared, metadata: { ...shared.metadata, sharing: 'public' } }, theirs]);
    await cloud.settle();
    expect(await cloud.condition('Image', 'small')).toMatchObject({ status: 'True' });
    const [volume] = await cloud.store.getByKey([{ kind: 'Volume', project: 'shop', name: 'a' }]);
    expect(volume?.status.conditions[0]).toMatchObject({ type: 'Ready', status: 'True' });
    const [copy] = (await cloud.store.list({ kind: 'ImageCopy', orderBy: 'name', limit: 2 })).items;
    expect(copy?.object.metadata).toMatchObject({ project: 'default', ownerUid: await uidOf(cloud, 'Image', 'small') });
  });

  it('that is not there says so, and is taken when it comes', async () => {
    const cloud = await cloudWith({
      kind: 'Image',
      metadata: { name: 'late' },
      spec: { source: { file: 'late.raw' }, format: 'raw' },
    });
    expect(await cloud.ready('Image', 'late')).toBe('False SourceUnavailable');
    await writeFile(join(folder, 'late.raw'), IMAGE_BYTES);
    await cloud.settle();
    expect(await cloud.ready('Image', 'late')).toBe('True Ready');
  });

  it('made of a volume is copied beside it, and from there to other pools', async () => {
    const cloud = await cloudWith(
      image(CHECKSUM),
      volume('golden', { image: 'small', pool: 'main', format: 'raw', sizeGiB: 1 }),
    );
    await cloud.apply([
      hostManifest('h2'),
      poolManifest('other', ['h2']),
      { kind: 'Image', metadata: { name: 'template' }, spec: { source: { volume: 'golden' }, format: 'qcow2' } },
      volume('here', { image: 'template', pool: 'main' }),
      volume('there', { image: 'template', pool: 'other' }),
    ]);
    await cloud.settle();
    expect(await cloud.ready('Image', 'template')).toBe('True Ready');
    expect(await cloud.ready('Volume', 'here')).toBe('True Ready');
    expect(await cloud.ready('Volume', 'there')).toBe('True Ready');
    const uid = await uidOf(cloud, 'Image', 'template');
    const first = files(cloud)[`${uid}.image.qcow2`];
    expect(first).toMatchObject({ capacityBytes: GIB });
    expect(files(cloud, 'h2', '/pools/other')[`${uid}.image.qcow2`]?.content).toEqual(first?.content);
  });

  it.each([
    ['an iso for a volume', { format: 'iso', minDiskGiB: 1 }, { pool: 'main' }, 'ImageIsIso'],
    ['a disk that is too small', { format: 'raw', minDiskGiB: 30 }, { pool: 'main', sizeGiB: 10 }, 'SmallerThanImage'],
  ])('refuses %s', async (_what, imageSpec, volumeSpec, code) => {
    const wrong = { kind: 'Image', metadata: { name: 'small' }, spec: { source: { file: 'small.raw' }, ...imageSpec } };
    const cloud = await cloudWith(wrong, volume('a', { image: 'small', ...volumeSpec }));
    expect(await cloud.ready('Volume', 'a')).toBe(`False ${code}`);
    expect(files(cloud)).toEqual({});
  });
});

describe('a pool', () => {
  it('is started on each of its hosts, repaired there, and taken off a host that leaves', async () => {
    const cloud = createCloud();
    await cloud.apply([...PROJECT, hostManifest('h1'), hostManifest('h2'), poolManifest('shared', ['h1', 'h2'])]);
    await cloud.settle();
    const uid = await uidOf(cloud, 'StoragePool', 'shared');
    const has = (host: string) => cloud.world.state.hosts[host]?.pools[uid] !== undefined;
    expect([has('h1'), has('h2')]).toEqual([true, true]);
    expect((await cloud.get('StoragePool', 'shared'))?.status).toMatchObject({ shared: true, capacityMiB: 100 * 1024 });
    cloud.hand('h2').undefinePool(uid);
    await cloud.settle(RESYNC_MS);
    expect(has('h2')).toBe(true);
    await cloud.apply([poolManifest('shared', ['h2'])]);
    await cloud.settle();
    expect([has('h1'), has('h2')]).toEqual([false, true]);
    const pool = await cloud.get('StoragePool', 'shared');
    expect(hostsOfPool(pool)).toEqual([await uidOf(cloud, 'Host', 'h2')]);
    expect(await cloud.ready('StoragePool', 'shared')).toBe('True Ready');
  });

  it('stays usable while one of its hosts is silent, and says so', async () => {
    const cloud = createCloud();
    await cloud.apply([...PROJECT, hostManifest('h1'), hostManifest('h2'), poolManifest('shared', ['h1', 'h2'])]);
    await cloud.settle();
    cloud.hand('h2').setUnreachable(true);
    await cloud.settle(RESYNC_MS);
    expect(await cloud.ready('StoragePool', 'shared')).toBe('True Ready');
    expect(await cloud.condition('StoragePool', 'shared', 'Reached')).toMatchObject({
      status: 'Unknown',
      reason: 'HostsSilent',
    });
    await cloud.apply([volume('data', { sizeGiB: 5, pool: 'shared' })]);
    await cloud.settle();
    expect(await cloud.ready('Volume', 'data')).toBe('True Ready');
    await cloud.remove(key('Volume', 'data'));
    await cloud.settle();
    expect(await cloud.ready('Volume', 'data')).toBe('False PlaceSilent');
    cloud.hand('h2').setUnreachable(false);
    await cloud.settle();
    expect(await cloud.get('Volume', 'data')).toBeUndefined();
  });

  it('is not taken away under a volume that chose it, nor under one that nobody knows any more', async () => {
    const cloud = await cloudWith(volume('data', { sizeGiB: 5 }));
    await cloud.remove(globalKey('StoragePool', 'main'));
    await cloud.settle();
    expect(await cloud.condition('StoragePool', 'main')).toMatchObject({
      reason: 'InUse',
      params: { holders: 'Volume/data' },
    });
    await cloud.remove(key('Volume', 'data'));
    const stray = '01940000-0000-7000-8000-0000000fffff.qcow2';
    files(cloud)[stray] = { name: stray, capacityBytes: GIB, format: 'qcow2', content: null };
    await cloud.settle();
    expect(await cloud.ready('StoragePool', 'main')).toBe('False PoolHoldsVolumes');
    delete files(cloud)[stray];
    await cloud.settle();
    expect(await cloud.get('StoragePool', 'main')).toBeUndefined();
    expect(cloud.world.state.hosts.h1?.pools).toEqual({});
  });

  it('that somebody else made under its name is left alone', async () => {
    const cloud = createCloud();
    await cloud.apply([...PROJECT, hostManifest('h1')]);
    await cloud.settle();
    await cloud.apply([poolManifest('main', ['h1'])]);
    const uid = await uidOf(cloud, 'StoragePool', 'main');
    cloud.hand('h1').addForeignPool(uid, '/theirs');
    await cloud.settle();
    expect(await cloud.ready('StoragePool', 'main')).toBe('False NotOwned');
    expect(cloud.deeds()).toEqual([]);
  });

  it.each([
    ['a type that is not carried out', { type: 'rbd', source: { server: 'mon1', cephPool: 'vms' } }, '/spec/type'],
    ['a folder that climbs', { path: '/pools/../etc' }, '/spec/path'],
    ['a host twice', { hosts: ['h1', 'h1'] }, '/spec/hosts/1'],
    ['fields of another type', { source: { volumeGroup: 'vg0' } }, '/spec/source/volumeGroup'],
  ])('refuses %s at the door', async (_what, spec, path) => {
    const cloud = createCloud();
    const outcome = await cloud.apply([...PROJECT, hostManifest('h1'), poolManifest('main', ['h1'], spec)]);
    expect(outcome).toMatchObject({ ok: false, issues: [expect.objectContaining({ path })] });
  });
});

import { describe, expect, it } from '@jest/globals';
import { type Cloud, createCloud, hostManifest, PROJECT, poolManifest } from '../../../test/fixtures/cloud.ts';

const GIB = 1024 ** 3;

const volume = (name: string, spec: Record<string, string | number> = {}) => ({
  kind: 'Volume',
  metadata: { name },
  spec: { sizeGiB: 3, pool: 'main', ...spec },
});
const snapshot = (name: string, of = 'data') => ({
  kind: 'VolumeSnapshot',
  metadata: { name },
  spec: { volume: of },
});
const copy = (spec: Record<string, string | number> = {}) => ({
  kind: 'Volume',
  metadata: { name: 'copy' },
  spec: { snapshot: 'first', ...spec },
});
const machine = (runStrategy: string) => ({
  kind: 'VirtualMachine',
  metadata: { name: 'web' },
  spec: { cpus: 1, memoryMiB: 256, stopTimeoutSeconds: 0, runStrategy, disks: [{ name: 'data', volume: 'data' }] },
});
const key = (kind: string, name: string) => ({ kind, project: 'default', name });

/** One host, one pool, a volume that a machine runs on or not, and whatever else. */
async function cloudWith(
  more: Parameters<Cloud['apply']>[0] = [],
  options: Parameters<typeof createCloud>[0] = {},
): Promise<Cloud> {
  const cloud = createCloud(options);
  const all = [...PROJECT, hostManifest('h1'), poolManifest('main', ['h1']), volume('data'), ...more];
  expect(await cloud.apply(all)).toMatchObject({ ok: true });
  await cloud.settle();
  return cloud;
}

const files = (cloud: Cloud) => cloud.world.state.hosts.h1?.folders['/pools/main'] ?? {};
const uidOf = async (cloud: Cloud, kind: string, name: string) => (await cloud.get(kind, name))?.metadata.uid ?? '';

async function fileOf(cloud: Cloud, kind: string, name: string) {
  const { file } = ((await cloud.get(kind, name))?.status ?? {}) as unknown as { file: string };
  return files(cloud)[file];
}

async function write(cloud: Cloud, text: string): Promise<void> {
  cloud.hand('h1').writeDisk(await uidOf(cloud, 'VirtualMachine', 'web'), { disk: 'data', text });
}

async function held(cloud: Cloud, kind: string, name: string): Promise<string> {
  const { content } = (await fileOf(cloud, kind, name)) ?? {};
  return Buffer.from(content?.base64 ?? '', 'base64').toString();
}

describe('a snapshot of a volume', () => {
  it('is a whole copy in the same pool, and nothing more is done afterwards', async () => {
    const cloud = await cloudWith([snapshot('first')]);
    expect(await cloud.ready('VolumeSnapshot', 'first')).toBe('True Ready');
    const uid = await uidOf(cloud, 'VolumeSnapshot', 'first');
    expect(files(cloud)).toMatchObject({ [`${uid}.snapshot.qcow2`]: { capacityBytes: 3 * GIB, format: 'qcow2' } });
    const found = await cloud.get('VolumeSnapshot', 'first');
    expect(found?.status).toMatchObject({ pool: 'main', sizeGiB: 3, allocatedGiB: 1 });
    const deeds = cloud.deeds();
    await cloud.settle(800_000);
    expect(cloud.deeds()).toEqual(deeds);
    expect(deeds).toEqual(['pools.ensure', 'volumes.create', 'volumes.snapshot']);
    expect((await cloud.get('VolumeSnapshot', 'first'))?.status).toEqual(found?.status);
  });

  it('holds what the volume held, also under a machine that goes on writing', async () => {
    const cloud = await cloudWith([machine('Always')]);
    await write(cloud, 'before');
    await cloud.apply([snapshot('first')]);
    await cloud.settle();
    await write(cloud, 'after');
    await cloud.apply([snapshot('second'), copy()]);
    await cloud.settle();
    expect(await held(cloud, 'VolumeSnapshot', 'first')).toBe('before');
    expect(await held(cloud, 'VolumeSnapshot', 'second')).toBe('after');
    expect(await held(cloud, 'Volume', 'copy')).toBe('before');
    expect(await fileOf(cloud, 'Volume', 'copy')).toMatchObject({ capacityBytes: 3 * GIB });
  });

  it('waits for the machine to stop where its hypervisor cannot copy a disk in use', async () => {
    const cloud = await cloudWith([machine('Always')]);
    cloud.world.settings.capabilities = { snapshotRunning: false };
    await write(cloud, 'words');
    await cloud.apply([snapshot('first')]);
    await cloud.settle(800_000);
    expect(await cloud.ready('VolumeSnapshot', 'first')).toBe('False WaitingForStop');
    const tries = cloud.deeds().filter((verb) => verb === 'volumes.snapshot').length;
    expect(tries).toBeLessThan(15);
    await cloud.settle(800_000);
    expect(cloud.deeds().filter((verb) => verb === 'volumes.snapshot')).toHaveLength(tries);
    await cloud.apply([machine('Halted')], { allowedRisk: 'restart' });
    await cloud.settle(800_000);
    expect(await cloud.ready('VolumeSnapshot', 'first')).toBe('True Ready');
    expect(await held(cloud, 'VolumeSnapshot', 'first')).toBe('words');
  });

  it('of a volume that leaves before it was made copies nothing, says so, and holds the volume only as long as it is wished', async () => {
    const cloud = await cloudWith();
    cloud.faults.next({ verb: 'volumes.create' }, { kind: 'error', code: 'NoSpace' }, 3);
    await cloud.apply([volume('late'), snapshot('first', 'late')]);
    await cloud.settle(0);
    const late = (await cloud.get('Volume', 'late'))?.status as unknown as { file: string };
    const part = `${late.file}.part`;
    files(cloud)[part] = { name: part, capacityBytes: 3 * GIB, format: 'qcow2', content: null };
    await cloud.remove(key('Volume', 'late'));
    await cloud.settle(800_000);
    expect(await cloud.get('Volume', 'late')).toMatchObject({
      status: {
        conditions: expect.arrayContaining([expect.objectContaining({ type: 'Provisioned', status: 'False' })]),
      },
    });
    expect(await cloud.ready('VolumeSnapshot', 'first')).toBe('False VolumeNotThere');
    expect(await cloud.ready('Volume', 'late')).toBe('False InUse');
    expect(cloud.deeds()).not.toContain('volumes.snapshot');
    await cloud.remove(key('VolumeSnapshot', 'first'));
    await cloud.settle();
    expect(await cloud.get('Volume', 'late')).toBeUndefined();
    expect(files(cloud)).not.toHaveProperty([part]);
  });

  it('holds its volume until it is there, and then outlives it', async () => {
    const cloud = await cloudWith();
    cloud.faults.next({ verb: 'volumes.snapshot' }, { kind: 'error', code: 'NoSpace' }, 1);
    await cloud.apply([snapshot('first')]);
    await cloud.settle(0);
    expect(await cloud.ready('VolumeSnapshot', 'first')).toBe('False NoSpace');
    await cloud.remove(key('Volume', 'data'));
    await cloud.settle(0);
    expect(await cloud.ready('Volume', 'data')).toBe('False InUse');
    await cloud.settle();
    expect(await cloud.get('Volume', 'data')).toBeUndefined();
    expect(await cloud.ready('VolumeSnapshot', 'first')).toBe('True Ready');
    await cloud.apply([volume('data', { sizeGiB: 7 })]);
    await cloud.settle(800_000);
    expect(await cloud.get('VolumeSnapshot', 'first')).toMatchObject({ status: { sizeGiB: 3 } });
    expect(await cloud.ready('VolumeSnapshot', 'first')).toBe('True Ready');
  });

  it('that was lost is said to be, and never taken again from what the volume holds now', async () => {
    const cloud = await cloudWith([snapshot('first')]);
    delete files(cloud)[`${await uidOf(cloud, 'VolumeSnapshot', 'first')}.snapshot.qcow2`];
    await cloud.settle(800_000);
    expect(await cloud.ready('VolumeSnapshot', 'first')).toBe('False SnapshotLost');
    expect(cloud.deeds().filter((verb) => verb === 'volumes.snapshot')).toHaveLength(1);
    await cloud.remove(key('VolumeSnapshot', 'first'));
    await cloud.settle();
    expect(await cloud.get('VolumeSnapshot', 'first')).toBeUndefined();
  });

  it('takes room of the pool as its volume does, and its file goes with it, alone', async () => {
    const cloud = await cloudWith([snapshot('first'), volume('big', { sizeGiB: 192 })]);
    await cloud.apply([snapshot('second')]);
    await cloud.settle();
    expect(await cloud.condition('VolumeSnapshot', 'second')).toMatchObject({
      reason: 'PoolFull',
      params: { pool: 'main', freeGiB: 2, neededGiB: 3 },
    });
    const gone = `${await uidOf(cloud, 'VolumeSnapshot', 'first')}.snapshot.qcow2`;
    const left = Object.keys(files(cloud)).filter((name) => name !== gone);
    await cloud.remove(key('VolumeSnapshot', 'second'), key('VolumeSnapshot', 'first'));
    await cloud.settle();
    expect(Object.keys(files(cloud))).toEqual(left);
    expect(cloud.deeds().filter((verb) => verb === 'volumes.remove')).toHaveLength(1);
  });

  it('is counted in quotas', async () => {
    const quota = { kind: 'Quota', metadata: { name: 'few' }, spec: { project: 'default', limits: { snapshots: 1 } } };
    const cloud = await cloudWith([quota, snapshot('first')]);
    expect(await cloud.apply([snapshot('second')])).toMatchObject({ ok: false });
    await cloud.remove(key('VolumeSnapshot', 'first'));
    await cloud.settle();
    expect(await cloud.apply([snapshot('second')])).toMatchObject({ ok: true });
  });

  it('grows with a volume that grew while it waited', async () => {
    const cloud = await cloudWith();
    cloud.faults.next({ verb: 'volumes.snapshot' }, { kind: 'error', code: 'Busy' }, 3);
    await cloud.apply([snapshot('first')]);
    await cloud.settle(0);
    await cloud.apply([volume('data', { sizeGiB: 5 })]);
    await cloud.settle();
    const found = await cloud.get('VolumeSnapshot', 'first');
    expect(found?.status).toMatchObject({ sizeGiB: 5 });
    expect((await cloud.store.claims(found?.metadata.uid ?? ''))?.capacity).toMatchObject([{ amount: 5 * 1024 }]);
  });
});

describe('a volume made of a snapshot', () => {
  it('has its size, or more, and never less', async () => {
    const cloud = await cloudWith([snapshot('first')]);
    await cloud.apply([copy(), { ...copy({ sizeGiB: 8 }), metadata: { name: 'more' } }]);
    await cloud.apply([{ ...copy({ sizeGiB: 2 }), metadata: { name: 'less' } }]);
    await cloud.settle();
    expect(await fileOf(cloud, 'Volume', 'copy')).toMatchObject({ capacityBytes: 3 * GIB });
    expect(await fileOf(cloud, 'Volume', 'more')).toMatchObject({ capacityBytes: 8 * GIB });
    expect(await cloud.condition('Volume', 'less')).toMatchObject({
      reason: 'SmallerThanSnapshot',
      params: { sizeGiB: 2, snapshotGiB: 3 },
    });
  });

  it('lies where its snapshot lies', async () => {
    const cloud = await cloudWith([snapshot('first'), poolManifest('other', ['h1'], { tags: ['fast'] })]);
    await cloud.apply([copy({ pool: 'other' })]);
    await cloud.settle();
    expect(await cloud.condition('Volume', 'copy')).toMatchObject({
      reason: 'SnapshotElsewhere',
      params: { snapshot: 'first', snapshotPool: 'main' },
    });
  });

  it('stands for itself: the snapshot may go, and another take its name', async () => {
    const cloud = await cloudWith([snapshot('first'), volume('big', { sizeGiB: 9 })]);
    await cloud.apply([copy()]);
    await cloud.settle();
    await cloud.remove(key('VolumeSnapshot', 'first'));
    await cloud.settle();
    expect(await cloud.get('VolumeSnapshot', 'first')).toBeUndefined();
    await cloud.settle(800_000);
    expect(await cloud.ready('Volume', 'copy')).toBe('True Ready');
    await cloud.apply([snapshot('first', 'big')]);
    await cloud.settle(800_000);
    expect(await cloud.ready('Volume', 'copy')).toBe('True Ready');
    expect(await fileOf(cloud, 'Volume', 'copy')).toMatchObject({ capacityBytes: 3 * GIB });
  });

  it('is refused when it is to start from an image, too', async () => {
    const cloud = await cloudWith([snapshot('first')]);
    const applied = await cloud.apply([copy({ image: 'debian' })]);
    expect(applied).toMatchObject({ ok: false, issues: [{ path: '/spec/snapshot' }] });
  });
});

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createLibvirtDirectory } from '../../hypervisor/libvirt/connect.ts';
import type { HypervisorDirectory } from '../../hypervisor/port.ts';
import { type Cloud, createCloud, hostManifest, PROJECT, poolManifest } from '../fixtures/cloud.ts';
import { machineSpec } from '../fixtures/machine-spec.ts';
import type { LabHost } from '../lab/host.ts';
import { startLabHost } from '../lab/lab.ts';
import { describeReal, labParts } from '../real-parts.ts';

const GIB = 1024 ** 3;
const PATH = '/var/lib/libvirt/images/main';
const run = promisify(execFile);

describeReal('storage on real libvirt and qemu', [...labParts, 'qemuImg'], () => {
  let lab: LabHost;
  let folder: string;
  let cloud: Cloud;
  let directory: HypervisorDirectory | undefined;

  beforeAll(async () => {
    lab = await startLabHost({ name: 'storage' });
    await lab.exec(['mkdir', '-p', '/run/lock']);
    folder = await mkdtemp(join(tmpdir(), 'images-'));
    await run('qemu-img', ['create', '-f', 'qcow2', join(folder, 'base.qcow2'), '1G']);
    await run('qemu-img', [
      'create',
      '-f',
      'qcow2',
      '-b',
      '/etc/passwd',
      '-F',
      'raw',
      '-u',
      join(folder, 'spy.qcow2'),
      '1G',
    ]);
  }, 60_000);

  afterAll(async () => {
    await lab.stop();
    await rm(folder, { recursive: true });
  });

  beforeEach(async () => {
    cloud = createCloud({
      imageFolders: [folder],
      hypervisors: (resolveUri) => (directory = createLibvirtDirectory({ installationId: 'test', resolveUri })),
    });
    await cloud.apply([...PROJECT, hostManifest('h1', { uri: lab.uri }), poolManifest('main', ['h1'], { path: PATH })]);
    await cloud.settle();
  });

  afterEach(() => directory?.close());

  const files = async () => (await readdir(lab.outside(PATH))).sort();
  const volume = (name: string, spec: Record<string, string | number>) => ({
    kind: 'Volume',
    metadata: { name },
    spec: { pool: 'main', ...spec },
  });
  const image = (file: string, checksum: string) => ({
    kind: 'Image',
    metadata: { name: 'base' },
    spec: { source: { file }, checksum },
  });
  const sha256 = async (file: string) => {
    const bytes = await readFile(join(folder, file));
    return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  };
  const fileOf = async (name: string) => String((await cloud.get('Volume', name))?.status.file);
  const info = async (name: string) => {
    const { stdout } = await run('qemu-img', [
      'info',
      '-U',
      '--output=json',
      join(lab.outside(PATH), await fileOf(name)),
    ]);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const everything = ['a', 'b'].map((name) => ({ kind: 'Volume', project: 'default', name }));

  async function expectGone(): Promise<void> {
    await cloud.remove({ kind: 'StoragePool', project: null, name: 'main' });
    await cloud.settle(400_000);
    expect(await cloud.get('StoragePool', 'main')).toBeUndefined();
    expect(await files()).toEqual([]);
    expect(await lab.virsh('pool-list', '--all', '--name')).not.toContain('01940000');
  }

  /** A small machine that runs on a volume. */
  async function startedOn(name: string) {
    const poolUid = String((await cloud.get('Volume', name))?.status.poolUid);
    const host = await directory?.at((await cloud.get('Host', 'h1'))?.metadata.uid ?? '');
    if (!host?.ok) throw new Error('the lab host does not answer');
    const { machines } = host.value;
    const disk = { name: 'root', device: 'disk', bus: 'virtio', format: 'qcow2', readOnly: false } as const;
    const source = { poolUid, name: await fileOf(name) };
    const disks = [{ ...disk, source, bootIndex: null, iops: null, cache: null }];
    const spec = machineSpec({ accelerator: 'tcg', memoryMiB: 32, maxMemoryMiB: 32, disks });
    expect(await machines.define(spec)).toMatchObject({ ok: true });
    expect(await machines.start(spec.uid)).toMatchObject({ ok: true });
    return { machines, uid: spec.uid };
  }

  /** Writes a pattern to the first MiB, or reads it: then it fails where something else stands. */
  const qemuIo = async (command: string, name: string) =>
    await run('qemu-io', ['-c', command, join(lab.outside(PATH), await fileOf(name))]);

  it('makes volumes empty and from an image, grows them at rest, and leaves nothing behind', async () => {
    const wishes = [
      image('base.qcow2', await sha256('base.qcow2')),
      volume('a', { sizeGiB: 2 }),
      volume('b', { image: 'base' }),
    ];
    expect(await cloud.apply(wishes)).toMatchObject({ ok: true });
    await cloud.settle();
    expect(await cloud.ready('Volume', 'a')).toBe('True Ready');
    expect(await cloud.ready('Volume', 'b')).toBe('True Ready');
    expect(await info('b')).toMatchObject({ format: 'qcow2', 'virtual-size': GIB });
    expect(await files()).toHaveLength(3);
    await cloud.apply([volume('a', { sizeGiB: 3 })]);
    await cloud.settle();
    expect(await info('a')).toMatchObject({ 'virtual-size': 3 * GIB });
    await cloud.remove(...everything, { kind: 'Image', project: 'default', name: 'base' });
    await cloud.settle();
    await expectGone();
  }, 60_000);

  it('grows a volume through the guest that runs on it, and keeps it while that has it', async () => {
    await cloud.apply([volume('a', { sizeGiB: 1 })]);
    await cloud.settle();
    const { machines, uid } = await startedOn('a');
    await cloud.apply([volume('a', { sizeGiB: 2 })]);
    await cloud.settle();
    expect(await info('a')).toMatchObject({ 'virtual-size': 2 * GIB });
    expect(await cloud.condition('Volume', 'a', 'Sized')).toMatchObject({ status: 'True' });
    await cloud.remove({ kind: 'Volume', project: 'default', name: 'a' });
    await cloud.settle();
    expect(await cloud.ready('Volume', 'a')).toBe('False StillAttached');
    await machines.destroy(uid);
    await machines.undefine(uid);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await cloud.settle();
    await expectGone();
  }, 90_000);

  it('keeps what a disk held, at rest and under a machine, and makes disks of it when it is gone', async () => {
    const snapshot = (name: string) => ({ kind: 'VolumeSnapshot', metadata: { name }, spec: { volume: 'a' } });
    await cloud.apply([volume('a', { sizeGiB: 1 })]);
    await cloud.settle();
    await qemuIo('write -P 0xaa 0 1M', 'a');
    await cloud.apply([snapshot('first')]);
    await cloud.settle();
    expect(await cloud.ready('VolumeSnapshot', 'first')).toBe('True Ready');
    await qemuIo('write -P 0xbb 0 1M', 'a');
    const { machines, uid } = await startedOn('a');
    await cloud.apply([snapshot('second')]);
    await cloud.settle();
    expect(await cloud.ready('VolumeSnapshot', 'second')).toBe('True Ready');
    await machines.destroy(uid);
    await machines.undefine(uid);
    await cloud.remove({ kind: 'Volume', project: 'default', name: 'a' });
    await cloud.settle(400_000);
    expect(await cloud.get('Volume', 'a')).toBeUndefined();
    await cloud.apply([volume('b', { snapshot: 'first' }), volume('c', { snapshot: 'second', sizeGiB: 2 })]);
    await cloud.settle();
    await qemuIo('read -P 0xaa 0 1M', 'b');
    await qemuIo('read -P 0xbb 0 1M', 'c');
    await expect(qemuIo('read -P 0xaa 0 1M', 'c')).rejects.toThrow('read -P 0xaa');
    expect([await info('b'), await info('c')]).toMatchObject([{ 'virtual-size': GIB }, { 'virtual-size': 2 * GIB }]);
    const snapshots = ['first', 'second'].map((name) => ({ kind: 'VolumeSnapshot', project: 'default', name }));
    await cloud.remove(...snapshots, ...['b', 'c'].map((name) => ({ kind: 'Volume', project: 'default', name })));
    await cloud.settle(400_000);
    await expectGone();
  }, 120_000);

  it('refuses an image that would show a file of the host, and one with another digest; neither leaves a file', async () => {
    await cloud.apply([image('spy.qcow2', await sha256('spy.qcow2'))]);
    await cloud.settle();
    expect(await cloud.ready('Image', 'base')).toBe('False SourceRefused');
    await cloud.remove({ kind: 'Image', project: 'default', name: 'base' });
    await cloud.settle();
    await cloud.apply([image('base.qcow2', `sha256:${'0'.repeat(64)}`), volume('b', { image: 'base' })]);
    await cloud.settle();
    expect(await cloud.condition('Volume', 'b')).toMatchObject({ params: { why: 'ChecksumMismatch' } });
    expect(await files()).toEqual([]);
    await cloud.remove(...everything.slice(1), { kind: 'Image', project: 'default', name: 'base' });
    await cloud.settle();
    await expectGone();
  }, 60_000);

  it('makes a template of a volume, and takes it to another pool', async () => {
    await cloud.apply([
      poolManifest('other', ['h1'], { path: `${PATH}-other` }),
      image('base.qcow2', await sha256('base.qcow2')),
      volume('a', { image: 'base', sizeGiB: 2 }),
      { kind: 'Image', metadata: { name: 'template' }, spec: { source: { volume: 'a' } } },
      volume('b', { image: 'template', pool: 'other', sizeGiB: 4 }),
    ]);
    await cloud.settle();
    expect(await cloud.ready('Volume', 'b')).toBe('True Ready');
    const [name = ''] = (await readdir(lab.outside(`${PATH}-other`))).filter((file) => !file.includes('image'));
    const { stdout } = await run('qemu-img', ['info', '--output=json', join(lab.outside(`${PATH}-other`), name)]);
    expect(JSON.parse(stdout)).toMatchObject({ format: 'qcow2', 'virtual-size': 4 * GIB });
    const images = ['base', 'template'].map((of) => ({ kind: 'Image', project: 'default', name: of }));
    await cloud.remove(...everything, ...images, { kind: 'StoragePool', project: null, name: 'other' });
    await cloud.settle(400_000);
    expect(await readdir(lab.outside(`${PATH}-other`))).toEqual([]);
    await expectGone();
  }, 60_000);

  it('brings a pool back that was stopped or undefined, and finds its volumes again', async () => {
    await cloud.apply([volume('a', { sizeGiB: 1 })]);
    await cloud.settle();
    const before = await files();
    const uid = (await cloud.get('StoragePool', 'main'))?.metadata.uid ?? '';
    await lab.virsh('pool-destroy', uid);
    await cloud.settle(400_000);
    expect(await cloud.ready('StoragePool', 'main')).toBe('True Ready');
    await lab.virsh('pool-destroy', uid);
    await lab.virsh('pool-undefine', uid);
    await cloud.settle(400_000);
    expect(await cloud.ready('StoragePool', 'main')).toBe('True Ready');
    expect(await cloud.ready('Volume', 'a')).toBe('True Ready');
    expect(await files()).toEqual(before);
    await cloud.remove(...everything.slice(0, 1));
    await cloud.settle();
    await expectGone();
  }, 60_000);
});

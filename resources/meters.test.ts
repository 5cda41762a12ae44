import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { COUNTER_METERS } from '../billing/usage/counters/meters.ts';
import type { ManifestInput } from '../reconciler/admission/manifest.ts';
import { type Cloud, createCloud, hostManifest, PROJECT, poolManifest } from '../test/fixtures/cloud.ts';
import { machineReadings } from './compute/virtual-machine/counters.ts';
import { KINDS } from './registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'meters-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Nothing of these is charged for: they are descriptions, or belong to the provider. */
const FREE = ['ComputeOffering', 'DiskOffering', 'SshKey', 'Secret', 'StoragePool', 'Image'];

const machine = (spec: ManifestInput['spec'] = {}): ManifestInput => ({
  kind: 'VirtualMachine',
  metadata: { name: 'web' },
  spec: { cpus: 2, memoryMiB: 512, ...spec },
});
const web = { kind: 'VirtualMachine', project: 'default', name: 'web' };

async function cloudWith(...manifests: ManifestInput[]): Promise<Cloud> {
  const cloud = createCloud({ imageFolders: [folder] });
  const applied = await cloud.apply([...PROJECT, hostManifest('h1'), poolManifest('main', ['h1']), ...manifests]);
  expect(applied).toMatchObject({ ok: true });
  await cloud.settle();
  return cloud;
}

/** The level that each meter of an object stands at. */
async function levels(cloud: Cloud, kind: string, name: string): Promise<Record<string, number>> {
  const { items } = await cloud.store.journal({ kind, limit: 200 });
  const own = items.map(({ row }) => row).filter((row) => row.name === name);
  return Object.fromEntries(own.reverse().map(({ meter, level }) => [meter, level]));
}

describe('meters', () => {
  it('and counters stand in the documentation, all of them', () => {
    const text = readFileSync(new URL('../docs/metering.md', import.meta.url), 'utf8');
    const told = [...text.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, name]) => name);
    const levels = KINDS.flatMap(({ meters = [] }) => meters.map(({ meter }) => meter));
    expect(told.toSorted()).toEqual([...levels, ...COUNTER_METERS].toSorted());
  });

  it('of what moves are those of each device, with what its price may depend on', async () => {
    const cloud = await cloudWith(
      { kind: 'Network', metadata: { name: 'lan' }, spec: { cidr: '10.1.1.0/24' } },
      machine({ nics: [{ name: 'eth0', network: 'lan' }], disks: [{ name: 'root', sizeGiB: 1 }] }),
    );
    const object = await cloud.get('VirtualMachine', 'web');
    const host = await cloud.engine.ports.hypervisors.at((await cloud.get('Host', 'h1'))?.metadata.uid ?? '');
    const read = host.ok ? await host.value.machines.counters() : host;
    const [counted] = read.ok ? read.value : [];
    if (object === undefined || counted === undefined) throw new Error('The machine runs.');
    // Its project has no account, and so nobody to pay.
    expect(machineReadings(counted, object)).toEqual([]);
    const paid = { ...object, metadata: { ...object.metadata, account: 'acme' } };
    const readings = machineReadings(counted, paid);
    expect(readings.map(({ meter }) => meter).toSorted()).toEqual([...COUNTER_METERS].toSorted());
    const common = { uid: object.metadata.uid, account: 'acme' };
    const sent = readings.find(({ meter }) => meter === 'network.bytes.sent');
    expect(sent).toMatchObject({ ...common, device: 'eth0', attributes: { nic: 'eth0', network: 'lan', host: 'h1' } });
    const written = readings.find(({ meter }) => meter === 'disk.bytes.written');
    expect(written).toMatchObject({ ...common, device: 'root', attributes: { disk: 'root' } });
    expect(written?.attributes.volume).not.toBe('');
  });

  it('every kind that customers use has meters, or is free', () => {
    const used = KINDS.filter(({ group }) => ['compute', 'network', 'storage'].includes(group));
    const silent = used.filter(({ kind, meters }) => (meters === undefined) !== FREE.includes(kind));
    expect(silent.map(({ kind }) => kind)).toEqual([]);
  });

  it('of a machine stand at what runs and at what is kept for it', async () => {
    const cloud = await cloudWith(
      { kind: 'Network', metadata: { name: 'lan' }, spec: { cidr: '10.1.1.0/24' } },
      machine({ nics: [{ name: 'eth0', network: 'lan' }] }),
    );
    const all = {
      'vm.allocated': 1,
      'vm.cpus.allocated': 2,
      'vm.memoryMiB.allocated': 512,
      'vm.nics': 1,
      'vm.addresses': 1,
    };
    expect(await levels(cloud, 'VirtualMachine', 'web')).toEqual({
      ...all,
      'vm.running': 1,
      'vm.cpus': 2,
      'vm.memoryMiB': 512,
    });
    expect(await levels(cloud, 'Network', 'lan')).toEqual({ 'network.active': 1 });

    await cloud.apply([
      machine({ nics: [{ name: 'eth0', network: 'lan' }], runStrategy: 'Halted', stopTimeoutSeconds: 0 }),
    ]);
    await cloud.settle();
    expect(await levels(cloud, 'VirtualMachine', 'web')).toEqual({
      ...all,
      'vm.running': 0,
      'vm.cpus': 0,
      'vm.memoryMiB': 0,
    });
  });

  it('of a machine that failed to start stay at nothing, for its CPUs', async () => {
    const cloud = createCloud();
    await cloud.apply([...PROJECT, hostManifest('h1'), poolManifest('main', ['h1'])]);
    await cloud.settle();
    cloud.faults.next({ verb: 'machines.start' }, { kind: 'error', code: 'Failed', message: 'no KVM here' }, 100);
    await cloud.apply([machine()]);
    await cloud.settle();
    const now = await levels(cloud, 'VirtualMachine', 'web');
    expect(now['vm.allocated']).toBe(1);
    expect([now['vm.running'], now['vm.cpus'], now['vm.memoryMiB']]).toEqual([undefined, undefined, undefined]);
  });

  it('end at nothing when the thing is gone', async () => {
    const cloud = await cloudWith(machine());
    await cloud.remove(web);
    await cloud.settle();
    expect(new Set(Object.values(await levels(cloud, 'VirtualMachine', 'web')))).toEqual(new Set([0]));
  });

  it('of disks, their snapshots and copies of images stand at the GiB that are there', async () => {
    writeFileSync(join(folder, 'tiny.raw'), Buffer.alloc(4096, 7));
    const cloud = await cloudWith(
      {
        kind: 'Image',
        metadata: { name: 'tiny' },
        spec: { source: { file: join(folder, 'tiny.raw') }, format: 'raw' },
      },
      { kind: 'Volume', metadata: { name: 'data' }, spec: { sizeGiB: 3, image: 'tiny', pool: 'main' } },
    );
    expect(await levels(cloud, 'Volume', 'data')).toEqual({ 'volume.gib': 3 });
    await cloud.apply([{ kind: 'VolumeSnapshot', metadata: { name: 'then' }, spec: { volume: 'data' } }]);
    await cloud.settle();
    expect(await levels(cloud, 'VolumeSnapshot', 'then')).toEqual({ 'snapshot.gib': 1 });
    await cloud.remove({ kind: 'VolumeSnapshot', project: 'default', name: 'then' });
    await cloud.settle();
    expect(await levels(cloud, 'VolumeSnapshot', 'then')).toEqual({ 'snapshot.gib': 0 });
    const [copy] = (await cloud.store.list({ kind: 'ImageCopy', orderBy: 'name', limit: 2 })).items;
    expect(await levels(cloud, 'ImageCopy', copy?.object.metadata.name ?? '')).toEqual({ 'image.gib': 1 });
  });
});

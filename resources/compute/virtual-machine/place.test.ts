import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PlacementNote } from '../../../reconciler/claims.ts';
import { type Cloud, createCloud, hostManifest, PROJECT, poolManifest } from '../../../test/fixtures/cloud.ts';
import { machineSpec } from '../../../test/fixtures/machine-spec.ts';
import {
  applyAll,
  cloudWith,
  hostOf,
  machine,
  network,
  RESYNC_MS,
  seen,
  status,
  uidOf,
  WEB,
} from './machine.fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isos-'));
  await writeFile(join(folder, 'install.iso'), Buffer.alloc(4096, 'iso'));
  await writeFile(join(folder, 'drivers.iso'), Buffer.alloc(8192, 'drivers'));
});
afterAll(() => rm(folder, { recursive: true }));

const FOREIGN = '7f0ec8a1-6c4a-4b62-9a07-3d0e5a6f1c22';
const foreign = (uid = FOREIGN) =>
  machineSpec({
    uid,
    installationId: 'theirs',
    cpus: 1,
    maxCpus: 1,
    memoryMiB: 512,
    maxMemoryMiB: 512,
    disks: [],
    nics: [],
  });

async function twoHosts(...more: Parameters<Cloud['apply']>[0]): Promise<Cloud> {
  const cloud = createCloud({ imageFolders: [folder] });
  await applyAll(
    cloud,
    ...PROJECT,
    hostManifest('h1'),
    hostManifest('h2'),
    poolManifest('p1', ['h1']),
    poolManifest('p2', ['h2']),
  );
  await applyAll(cloud, ...more);
  return cloud;
}

const onHost = (cloud: Cloud, name: string) =>
  Object.values(hostOf(cloud, name).machines).filter(({ live }) => live !== null).length;

describe('placement', () => {
  it('spreads over the hosts, and says why it chose and why not the other', async () => {
    const cloud = await twoHosts();
    for (const name of ['a', 'b', 'c', 'd']) await applyAll(cloud, machine(name));
    expect([onHost(cloud, 'h1'), onHost(cloud, 'h2')]).toEqual([2, 2]);
    const notes = (await status(cloud, 'd')).placement as unknown as PlacementNote[];
    expect(notes.map(({ chosen }) => chosen)).toEqual([true, false]);
    expect(notes[0]?.score).toBeGreaterThan(notes[1]?.score ?? 1000);
  });

  it('packs when that is wished', async () => {
    const cloud = await twoHosts();
    for (const name of ['a', 'b', 'c']) await applyAll(cloud, machine(name, { placement: { strategy: 'Pack' } }));
    expect([onHost(cloud, 'h1'), onHost(cloud, 'h2')].sort()).toEqual([0, 3]);
  });

  it('never promises more than there is, however many ask at once', async () => {
    const many = Array.from({ length: 12 }, (_, index) => machine(`m${index}`, { cpus: 3 }));
    const cloud = await twoHosts(...many);
    expect(onHost(cloud, 'h1') + onHost(cloud, 'h2')).toBe(4);
    for (const row of await cloud.store.capacity()) expect(row.used).toBeLessThanOrEqual(row.limit);
    const ready = await Promise.all(many.map(({ metadata }) => cloud.ready('VirtualMachine', metadata.name)));
    expect(ready.filter((text) => text === 'False NoHost')).toHaveLength(8);
    const placed = ready.indexOf('True Ready');
    await cloud.remove({ kind: 'VirtualMachine', project: 'default', name: `m${placed}` });
    await cloud.settle(RESYNC_MS);
    expect(onHost(cloud, 'h1') + onHost(cloud, 'h2')).toBe(4);
  });

  it('goes where its network is, since that lives on one host', async () => {
    const cloud = await twoHosts(network('lan', { host: 'h2' }));
    for (const name of ['a', 'b', 'c'])
      await applyAll(cloud, machine(name, { nics: [{ name: 'eth0', network: 'lan' }] }));
    expect([onHost(cloud, 'h1'), onHost(cloud, 'h2')]).toEqual([0, 3]);
    const notes = (await status(cloud, 'a')).placement as unknown as PlacementNote[];
    expect(notes.find(({ name }) => name === 'h1')?.rejectedBy).toEqual({
      code: 'OutOfReach',
      params: { kind: 'Network', name: 'lan' },
    });
  });

  it('puts its disks into a pool of its host', async () => {
    const cloud = await twoHosts(machine('web', { placement: { host: 'h2' }, disks: [{ name: 'root', sizeGiB: 5 }] }));
    expect(await status(cloud, 'web-root', 'Volume')).toMatchObject({ pool: 'p2' });
    expect(onHost(cloud, 'h2')).toBe(1);
  });

  it('has nowhere to go when every host is closed', async () => {
    const cloud = await twoHosts(
      hostManifest('h1', { allocation: 'Disabled' }),
      hostManifest('h2', { tags: ['gpu'] }),
      machine('web', { placement: { hostTags: ['ssd'] } }),
    );
    expect(await cloud.condition('VirtualMachine', 'web')).toMatchObject({
      reason: 'NoHost',
      params: { hosts: 2, why: '1 AllocationDisabled, 1 TagMissing' },
    });
  });
});

describe('addresses', () => {
  /** Last bytes of the addresses that a machine with so many NICs in one network has. */
  const chosen = async (cidr: string, count: number): Promise<number[]> => {
    const nics = Array.from({ length: count }, (_, index) => ({ name: `eth${index}`, network: 'lan' }));
    const cloud = await cloudWith(network('lan', { cidr }), machine('web', { nics }));
    const has = (await status(cloud)).nics as unknown as { ip: string }[];
    return has.map(({ ip }) => Number(ip.split('.')[3]));
  };

  it('that are chosen leave the first quarter of a network to those that people fix', async () => {
    expect((await chosen('10.1.1.0/24', 8)).filter((byte) => byte < 64)).toEqual([]);
  });

  it('come from there, too, when the rest is used up', async () => {
    // Of sixteen, three quarters are beyond; the last four are for guests of others.
    const bytes = await chosen('10.1.1.0/28', 9);
    expect(bytes.filter((byte) => byte >= 4).sort((a, b) => a - b)).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
    expect(bytes.filter((byte) => byte < 4)).toHaveLength(1);
  });
});

describe('an ISO', () => {
  const isoImage = (name: string, content: Buffer) => ({
    kind: 'Image',
    metadata: { name },
    spec: {
      source: { file: `${name}.iso` },
      format: 'iso',
      checksum: `sha256:${createHash('sha256').update(content).digest('hex')}`,
    },
  });

  it('is copied to a pool of the host, put into the drive, and booted from when that is wished', async () => {
    const cloud = await twoHosts(
      isoImage('install', Buffer.alloc(4096, 'iso')),
      machine('web', {
        cdrom: 'install',
        bootOrder: ['cdrom', 'disk'],
        disks: [{ name: 'root', sizeGiB: 5 }],
        placement: { host: 'h1' },
      }),
    );
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
    const web = await seen(cloud);
    expect(web.live?.disks).toMatchObject([
      { name: 'root', bootIndex: 2 },
      { name: 'cdrom', device: 'cdrom', bootIndex: 1, readOnly: true },
    ]);
    expect(Object.keys(hostOf(cloud, 'h1').folders['/pools/p1'] ?? {})).toContain(web.live?.disks[1]?.source?.name);
  });

  it('is changed and taken out while the machine runs, and a machine without a drive waits for its next start', async () => {
    const images = [isoImage('install', Buffer.alloc(4096, 'iso')), isoImage('drivers', Buffer.alloc(8192, 'drivers'))];
    const web = (cdrom?: string) => machine('web', { ...(cdrom && { cdrom }), placement: { host: 'h1' } });
    const cloud = await twoHosts(...images, web('install'));
    const { runId, live } = await seen(cloud);
    const [first] = live?.disks ?? [];
    await applyAll(cloud, web('drivers'));
    const after = await seen(cloud);
    expect(after.live?.disks).toEqual([{ ...first, source: { ...first?.source, name: expect.anything() } }]);
    expect(after.live?.disks[0]?.source?.name).not.toBe(first?.source?.name);
    await applyAll(cloud, web());
    expect((await seen(cloud)).live?.disks).toMatchObject([{ name: 'cdrom', source: null }]);
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
    await applyAll(cloud, web('install'));
    expect(await seen(cloud)).toMatchObject({ runId, live: { disks: [{ source: first?.source }] } });
    await applyAll(cloud, web());
    await cloud.request(WEB, 'restart', 't1');
    await cloud.settle(2 * RESYNC_MS);
    expect((await seen(cloud)).live?.disks).toEqual([]);
    await applyAll(cloud, web('install'));
    expect(await cloud.condition('VirtualMachine', 'web', 'RestartRequired')).toMatchObject({
      params: { causes: 'cdrom' },
    });
  });
});

describe('a foreign machine', () => {
  it('under our uid is left alone', async () => {
    const cloud = await cloudWith();
    await cloud.apply([machine('web')]);
    const uid = await uidOf(cloud, 'web');
    cloud.hand('h1').addForeignMachine(foreign(uid), 'running');
    await cloud.settle(RESYNC_MS);
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('False NotOwned');
    await cloud.remove(WEB);
    await cloud.settle(RESYNC_MS);
    expect(hostOf(cloud).machines[uid]?.live).not.toBeNull();
    expect(cloud.deeds()).toEqual(['pools.ensure']);
  });

  it('that a manifest adopts is taken over as it runs, never created beside it', async () => {
    const cloud = await cloudWith();
    cloud.hand('h1').addForeignMachine(foreign(), 'running');
    const { runId } = hostOf(cloud).machines[FOREIGN] ?? {};
    await applyAll(cloud, machine('web', { vnc: foreign().vnc, serialLog: foreign().serialLog }, { adopt: FOREIGN }));
    expect(Object.keys(hostOf(cloud).machines)).toEqual([FOREIGN]);
    expect(hostOf(cloud).machines[FOREIGN]).toMatchObject({
      runId,
      owner: { uid: await uidOf(cloud, 'web'), installationId: 'test' },
    });
    expect(cloud.deeds()).not.toContain('machines.start');
    await cloud.remove(WEB);
    await cloud.settle(RESYNC_MS);
    expect(hostOf(cloud).machines).toEqual({});
  });

  it('that is to be adopted and is not there is waited for, not made', async () => {
    const cloud = await cloudWith(machine('web', {}, { adopt: FOREIGN }));
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('False AdoptMissing');
    expect(hostOf(cloud).machines).toEqual({});
    cloud.hand('h1').addForeignMachine(foreign(), 'off');
    await cloud.settle(RESYNC_MS);
    expect(Object.keys(hostOf(cloud).machines)).toEqual([FOREIGN]);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { ScriptedFaults } from '../../../hypervisor/memory/faults.ts';
import type { JsonObject } from '../../../reconciler/json.ts';
import { type Cloud, createCloud, hostManifest, PROJECT, poolManifest } from '../../../test/fixtures/cloud.ts';
import {
  applyAll,
  cloudWith,
  deedsSince,
  hostOf,
  KEY,
  machine,
  network,
  RESYNC_MS,
  seen,
  uidOf,
  WEB,
} from './machine.fixture.ts';

const faults = (cloud: Cloud) => cloud.world.faults as ScriptedFaults;
const key = { kind: 'SshKey', metadata: { name: 'admin' }, spec: { publicKey: KEY } };
const small: JsonObject = {
  disks: [{ name: 'root', sizeGiB: 3 }],
  nics: [{ name: 'eth0', network: 'lan' }],
  sshKeys: ['admin'],
  maxCpus: 2,
};
const big: JsonObject = {
  ...small,
  cpus: 2,
  disks: [
    { name: 'root', sizeGiB: 3 },
    { name: 'data', sizeGiB: 3 },
  ],
  nics: [{ name: 'eth1', network: 'lan' }],
};

/** A machine's whole life: made, grown while it runs, shrunk, stopped, deleted. */
async function life(cloud: Cloud): Promise<void> {
  await applyAll(cloud, network('lan', { cidr: '10.1.1.0/24' }), key, machine('web', small));
  await cloud.settle(RESYNC_MS);
  await applyAll(cloud, machine('web', big));
  await cloud.settle(RESYNC_MS);
  expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
  expect((await seen(cloud)).live).toMatchObject({ cpus: 2, nics: [{ name: 'eth1' }] });
  await applyAll(cloud, machine('web', small));
  await applyAll(cloud, machine('web', { ...small, runStrategy: 'Halted' }));
  await cloud.settle(RESYNC_MS);
  expect((await seen(cloud)).power).toBe('off');
  await cloud.remove(WEB);
  await cloud.settle(2 * RESYNC_MS);
  expect(hostOf(cloud).machines).toEqual({});
  expect(hostOf(cloud).folders).toEqual({ '/pools/main': {} });
  expect(Object.values(hostOf(cloud).networks).flatMap(({ reservations }) => reservations)).toEqual([]);
  expect(await cloud.get('VirtualMachine', 'web')).toBeUndefined();
}

const VERBS = [
  'networks.reserve',
  'networks.release',
  'volumes.upload',
  'volumes.remove',
  'machines.define',
  'machines.start',
  'machines.setCpus',
  'machines.attachDisk',
  'machines.detachDisk',
  'machines.attachNic',
  'machines.detachNic',
  'machines.shutdown',
  'machines.undefine',
];

describe('a machine lives its life', () => {
  it('with every one of these calls', async () => {
    const cloud = await cloudWith();
    await life(cloud);
    expect(VERBS.filter((verb) => !cloud.deeds().includes(verb))).toEqual([]);
  });

  it.each(VERBS)('though a reply of %s is lost', async (verb) => {
    const cloud = await cloudWith();
    faults(cloud).next({ verb }, { kind: 'lostReply' });
    await life(cloud);
  });

  it.each(VERBS)('though %s fails twice', async (verb) => {
    const cloud = await cloudWith();
    faults(cloud).next({ verb }, { kind: 'error', code: 'Failed' }, 2);
    await life(cloud);
  });

  it.each(VERBS)('though %s lands late', async (verb) => {
    const cloud = await cloudWith();
    cloud.world.settings.timeoutMs = 0;
    faults(cloud).next({ verb }, { kind: 'late', afterMs: 3_000 });
    await life(cloud);
  });
});

describe('a guest that does not follow', () => {
  it('is asked some times, then RestartRequired says so, and it is left in peace', async () => {
    const cloud = await cloudWith(machine('web', { maxCpus: 4 }));
    faults(cloud).next({ verb: 'machines.setCpus' }, { kind: 'error', code: 'Failed' }, 1_000);
    const mark = cloud.deeds().length;
    await cloud.apply([machine('web', { cpus: 3, maxCpus: 4 })]);
    await cloud.settle(60_000);
    expect(await cloud.condition('VirtualMachine', 'web', 'RestartRequired')).toMatchObject({ status: 'False' });
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('False GuestDiffers');
    await cloud.settle(140_000);
    expect(deedsSince(cloud, mark).filter((verb) => verb === 'machines.setCpus')).toHaveLength(4);
    expect(await cloud.condition('VirtualMachine', 'web', 'RestartRequired')).toMatchObject({
      status: 'True',
      params: { causes: 'cpus' },
    });
    await cloud.request(WEB, 'restart', 't1');
    await cloud.settle();
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
    expect((await seen(cloud)).live?.cpus).toBe(3);
  });

  it('in two things is asked for each of them some times, and from then on at each look once', async () => {
    const cloud = await cloudWith(machine('web', { maxCpus: 4, maxMemoryMiB: 2_048 }));
    const asks = () => {
      const done = cloud.deeds();
      return ['machines.setCpus', 'machines.setMemory'].map((verb) => done.filter((other) => other === verb).length);
    };
    for (const verb of ['machines.setCpus', 'machines.setMemory'])
      faults(cloud).next({ verb }, { kind: 'error', code: 'Failed' }, 1_000);
    await cloud.apply([machine('web', { cpus: 3, maxCpus: 4, memoryMiB: 1_024, maxMemoryMiB: 2_048 })]);
    await cloud.settle(200_000);
    const before = asks();
    await cloud.settle(3 * RESYNC_MS);
    const later = asks().map((times, index) => times - (before[index] ?? 0));
    expect(Math.max(...later)).toBeLessThanOrEqual(4);
    expect(await cloud.condition('VirtualMachine', 'web', 'RestartRequired')).toMatchObject({
      status: 'True',
      params: { causes: 'cpus, memoryMiB' },
    });
  });

  it('when its host cannot plug anything is not asked at all', async () => {
    const cloud = createCloud();
    cloud.world.settings.capabilities = { hotplugCpu: false, hotplugDisk: false, hotplugNic: false };
    await applyAll(
      cloud,
      ...PROJECT,
      hostManifest('h1'),
      poolManifest('main', ['h1']),
      network('lan'),
      machine('web', { maxCpus: 2 }),
    );
    await applyAll(
      cloud,
      machine('web', {
        cpus: 2,
        maxCpus: 2,
        disks: [{ name: 'data', sizeGiB: 3 }],
        nics: [{ name: 'eth0', network: 'lan' }],
      }),
    );
    expect(await cloud.condition('VirtualMachine', 'web', 'RestartRequired')).toMatchObject({
      status: 'True',
      params: { causes: 'cpus, disks/data, nics/eth0' },
    });
    expect(cloud.deeds().filter((verb) => /set|attach/.test(verb))).toEqual([]);
  });

  it('when it hangs: its neighbour is looked after, and its own power is cut after its time', async () => {
    const cloud = await cloudWith(machine('web'), machine('db'));
    cloud.world.settings.timeoutMs = 0;
    const [web, db] = [await uidOf(cloud, 'web'), await uidOf(cloud, 'db')];
    cloud.hand('h1').hang(web);
    await cloud.apply([machine('web', { runStrategy: 'Halted', stopTimeoutSeconds: 30 })]);
    cloud.hand('h1').destroy(db);
    await cloud.settle(RESYNC_MS);
    expect((await seen(cloud, 'db')).power).toBe('running');
    expect((await seen(cloud)).power).toBe('off');
  });

  it('that was paused outside is resumed', async () => {
    const cloud = await cloudWith(machine('web'));
    const web = await seen(cloud);
    web.power = 'paused';
    await cloud.settle(RESYNC_MS);
    expect(web.power).toBe('running');
  });

  it.each(['Always', 'Manual'])(
    'that stands still since its pool is full says so, and goes on when there is room: %s',
    async (runStrategy) => {
      const cloud = await cloudWith(machine('web', { runStrategy }));
      cloud.hand('h1').start(await uidOf(cloud, 'web'));
      await cloud.settle(RESYNC_MS);
      const web = await seen(cloud);
      const stall = () => Object.assign(web, { power: 'paused', powerReason: 'io-error' });
      const { afterEffect } = faults(cloud);
      faults(cloud).afterEffect = ({ verb }) => void (verb === 'machines.resume' && stall());
      stall();
      await cloud.settle(RESYNC_MS);
      expect(await cloud.ready('VirtualMachine', 'web')).toBe('False DiskStalled');
      expect(await cloud.condition('VirtualMachine', 'web', 'RestartRequired')).toMatchObject({ status: 'False' });
      faults(cloud).afterEffect = afterEffect;
      await cloud.settle(RESYNC_MS);
      expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
    },
  );
});

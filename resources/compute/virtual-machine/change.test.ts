import { describe, expect, it } from '@jest/globals';
import type { Cloud } from '../../../test/fixtures/cloud.ts';
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
  status,
  uidOf,
  volume,
  WEB,
} from './machine.fixture.ts';

const restartCauses = async (cloud: Cloud) =>
  (await cloud.condition('VirtualMachine', 'web', 'RestartRequired'))?.params.causes ?? null;
const nics = async (cloud: Cloud) => (await status(cloud)).nics as { name: string; mac: string; ip: string }[];

describe('a size', () => {
  it('grows while the guest runs, within its maximum', async () => {
    const cloud = await cloudWith(machine('web', { maxCpus: 4, maxMemoryMiB: 2048 }));
    const { runId } = await seen(cloud);
    await applyAll(cloud, machine('web', { cpus: 3, memoryMiB: 1024, maxCpus: 4, maxMemoryMiB: 2048 }));
    expect(await seen(cloud)).toMatchObject({ runId, live: { cpus: 3, memoryMiB: 1024 }, persistent: { cpus: 3 } });
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
    expect(await cloud.store.capacity()).toContainEqual(expect.objectContaining({ resource: 'cpuMilli', used: 3000 }));
  });

  it('beyond it takes a restart, with every cause; taken back, nothing is needed any more', async () => {
    const cloud = await cloudWith(machine('web'));
    const changed = { cpus: 2, memoryMiB: 1024, bootOrder: ['network', 'disk'], vnc: false };
    await applyAll(cloud, machine('web', changed));
    expect(await restartCauses(cloud)).toBe('cpus, maxCpus, memoryMiB, maxMemoryMiB, cpuShares, vnc, bootOrder');
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('False RestartRequired');
    await applyAll(cloud, machine('web'));
    expect(await restartCauses(cloud)).toBeNull();
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
    await applyAll(cloud, machine('web', changed));
    await cloud.request(WEB, 'restart', 't1');
    await cloud.settle();
    expect(await seen(cloud)).toMatchObject({ live: { cpus: 2, vnc: false } });
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
  });

  it('a running machine keeps its room until it was seen smaller', async () => {
    const cloud = await cloudWith(machine('web', { cpus: 4 }));
    await applyAll(cloud, machine('web', { cpus: 1 }));
    const used = async () => (await cloud.store.capacity()).find(({ resource }) => resource === 'cpuMilli')?.used;
    expect(await used()).toBe(4000);
    await cloud.request(WEB, 'restart', 't1');
    await cloud.settle(2 * RESYNC_MS);
    expect(await used()).toBe(1000);
  });

  it('without room on its host stays as it is, says so, and is repaired as that', async () => {
    const cloud = await cloudWith(machine('big', { cpus: 5 }), machine('web', { cpus: 1, maxCpus: 8 }));
    await applyAll(cloud, machine('web', { cpus: 6, maxCpus: 8 }));
    expect(await cloud.condition('VirtualMachine', 'web')).toMatchObject({
      reason: 'NoRoomToGrow',
      params: { has: 1 },
    });
    cloud.hand('h1').destroy(await uidOf(cloud, 'web'));
    await cloud.settle(RESYNC_MS);
    expect(await seen(cloud)).toMatchObject({ power: 'running', live: { cpus: 1 } });
    await cloud.remove({ kind: 'VirtualMachine', project: 'default', name: 'big' });
    await cloud.settle(RESYNC_MS);
    expect(await seen(cloud)).toMatchObject({ live: { cpus: 6 } });
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
  });

  it('comes from an offering, which decides and is named when it refuses', async () => {
    const offering = {
      kind: 'ComputeOffering',
      metadata: { name: 'small' },
      spec: { minCpus: 1, maxCpus: 2, memoryMiB: 1024, cpuLimitPercent: 50 },
    };
    const sized = (cpus: number) => ({
      kind: 'VirtualMachine',
      metadata: { name: 'web' },
      spec: { offering: 'small', cpus },
    });
    const cloud = await cloudWith(offering, sized(2));
    expect(await seen(cloud)).toMatchObject({ live: { cpus: 2, memoryMiB: 1024, cpuLimitMilli: 1000 } });
    await applyAll(cloud, sized(3));
    expect(await cloud.condition('VirtualMachine', 'web')).toMatchObject({
      reason: 'SizeNotOffered',
      params: { wished: 3, offered: '1-2' },
    });
  });
});

describe('a disk', () => {
  it('is added to and taken from a running guest; its own volume goes only when it is off the machine', async () => {
    const cloud = await cloudWith(machine('web', { disks: [{ name: 'root', sizeGiB: 5 }] }));
    const { runId } = await seen(cloud);
    await applyAll(
      cloud,
      machine('web', {
        disks: [
          { name: 'root', sizeGiB: 5 },
          { name: 'data', sizeGiB: 7 },
        ],
      }),
    );
    expect((await seen(cloud)).live?.disks.map(({ name }) => name)).toEqual(['root', 'data']);
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
    await applyAll(cloud, machine('web', { disks: [{ name: 'root', sizeGiB: 5 }] }));
    expect((await seen(cloud)).live?.disks.map(({ name }) => name)).toEqual(['root']);
    expect(await cloud.get('Volume', 'web-data')).toBeUndefined();
    expect((await seen(cloud)).runId).toBe(runId);
    expect(await restartCauses(cloud)).toBeNull();
  });

  it('that would be lost waits until that is allowed', async () => {
    const cloud = await cloudWith(machine('web', { disks: [{ name: 'data', sizeGiB: 5 }] }));
    await cloud.apply([machine('web')], { allowedRisk: 'restart' });
    await cloud.settle(RESYNC_MS);
    expect(await cloud.condition('VirtualMachine', 'web')).toMatchObject({
      reason: 'ApprovalRequired',
      params: { risk: 'dataLoss' },
    });
    expect((await seen(cloud)).live?.disks).toHaveLength(1);
    expect(await cloud.ready('Volume', 'web-data')).toBe('True Ready');
  });

  it('grows in place', async () => {
    const cloud = await cloudWith(machine('web', { disks: [{ name: 'root', sizeGiB: 5 }] }));
    const mark = cloud.deeds().length;
    await applyAll(cloud, machine('web', { disks: [{ name: 'root', sizeGiB: 9 }] }));
    expect(deedsSince(cloud, mark)).toEqual(['machines.resizeDisk']);
    expect(await status(cloud, 'web-root', 'Volume')).toMatchObject({ sizeGiB: 9 });
  });

  it('that is kept outlives the machine, and a new machine of that name finds it', async () => {
    const kept = machine('web', { disks: [{ name: 'data', sizeGiB: 5, keep: true }] });
    const cloud = await cloudWith(kept);
    const uid = await uidOf(cloud, 'web-data', 'Volume');
    await cloud.remove(WEB);
    await cloud.settle();
    expect(await cloud.get('VirtualMachine', 'web')).toBeUndefined();
    expect(await cloud.ready('Volume', 'web-data')).toBe('True Ready');
    await applyAll(cloud, kept);
    expect((await seen(cloud)).live?.disks[0]?.source?.name).toBe(`${uid}.qcow2`);
  });

  it('of another object is attached, and left where it is when the machine goes', async () => {
    const cloud = await cloudWith(
      volume('data', { sizeGiB: 5 }),
      machine('web', { disks: [{ name: 'data', volume: 'data' }] }),
    );
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
    await cloud.remove({ kind: 'Volume', project: 'default', name: 'data' });
    await cloud.settle();
    expect(await cloud.condition('Volume', 'data')).toMatchObject({
      reason: 'InUse',
      params: { holders: 'VirtualMachine/web' },
    });
    await cloud.remove(WEB);
    await cloud.settle(RESYNC_MS);
    expect(await cloud.get('Volume', 'data')).toBeUndefined();
  });
});

describe('a NIC', () => {
  it('keeps its addresses through a stop, a move in the list and a second NIC', async () => {
    const cloud = await cloudWith(
      network('lan'),
      network('wan'),
      machine('web', { nics: [{ name: 'eth0', network: 'lan' }] }),
    );
    const [first] = await nics(cloud);
    const both = [
      { name: 'eth1', network: 'wan' },
      { name: 'eth0', network: 'lan' },
    ];
    await applyAll(cloud, machine('web', { nics: both }));
    expect((await seen(cloud)).live?.nics).toHaveLength(2);
    await applyAll(cloud, machine('web', { nics: both, runStrategy: 'Halted' }));
    await applyAll(cloud, machine('web', { nics: both.reverse() }));
    expect((await nics(cloud)).find(({ name }) => name === 'eth0')).toMatchObject({ mac: first?.mac, ip: first?.ip });
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
  });

  it('that goes gives its lease and its addresses back, in this order', async () => {
    const cloud = await cloudWith(network('lan'), machine('web', { nics: [{ name: 'eth0', network: 'lan' }] }));
    const lan = hostOf(cloud).networks[await uidOf(cloud, 'lan', 'Network')];
    const mark = cloud.deeds().length;
    await applyAll(cloud, machine('web'));
    expect(deedsSince(cloud, mark)).toEqual(['machines.define', 'machines.detachNic', 'networks.release']);
    expect(lan?.reservations).toEqual([]);
    await cloud.settle(RESYNC_MS);
    const claims = await cloud.store.claims(await uidOf(cloud, 'web'));
    expect(claims?.unique).toEqual([]);
  });

  it('takes a fixed address, and lets go of the chosen one', async () => {
    const cloud = await cloudWith(
      network('lan', { cidr: '10.1.1.0/24' }),
      machine('web', { nics: [{ name: 'eth0', network: 'lan' }] }),
    );
    await applyAll(cloud, machine('web', { nics: [{ name: 'eth0', network: 'lan', ip: '10.1.1.9' }] }));
    const lan = hostOf(cloud).networks[await uidOf(cloud, 'lan', 'Network')];
    expect(lan?.reservations.map(({ ip }) => ip)).toEqual(['10.1.1.9']);
    await cloud.settle(RESYNC_MS);
    const claims = await cloud.store.claims(await uidOf(cloud, 'web'));
    expect(claims?.unique.map(({ slot }) => slot).sort()).toEqual(['nic/eth0/ip', 'nic/eth0/mac', 'nic/eth0/name']);
  });

  it.each([
    ['the gateway', '10.1.1.1', 'AddressOutside'],
    ['the broadcast address', '10.1.1.255', 'AddressOutside'],
    ['an address of another network', '10.9.9.9', 'AddressOutside'],
    ["another machine's address", '10.1.1.7', 'AddressTaken'],
  ])('is refused %s', async (_what, ip, code) => {
    const nic = (address: string) => ({ nics: [{ name: 'eth0', network: 'lan', ip: address }] });
    const cloud = await cloudWith(network('lan', { cidr: '10.1.1.0/24' }), machine('db', nic('10.1.1.7')));
    await applyAll(cloud, machine('web', nic(ip)));
    expect(await cloud.ready('VirtualMachine', 'web')).toBe(`False ${code}`);
  });

  it('has the name of its machine in the network, a second one there its own behind it', async () => {
    const two = (first: string, second: string) =>
      machine('web', { nics: [first, second].map((name) => ({ name, network: 'lan' })) });
    const cloud = await cloudWith(network('lan'), two('eth0', 'eth1'));
    const names = async () => {
      const lan = hostOf(cloud).networks[await uidOf(cloud, 'lan', 'Network')];
      const byMac = new Map((await nics(cloud)).map(({ mac, name }) => [mac, name]));
      return Object.fromEntries(lan?.reservations.map(({ mac, hostname }) => [byMac.get(mac), hostname]) ?? []);
    };
    expect(await names()).toEqual({ eth0: 'web', eth1: 'web-eth1' });
    await applyAll(cloud, two('eth1', 'eth0'));
    expect(await names()).toEqual({ eth1: 'web', eth0: 'web-eth0' });
    await applyAll(cloud, machine('db', { hostname: 'web', nics: [{ name: 'eth0', network: 'lan' }] }));
    expect(Object.values(await names())).toHaveLength(3);
    expect(await cloud.ready('VirtualMachine', 'db')).toBe('True Ready');
  });

  it('swaps its fixed address with another one', async () => {
    const two = (first: string, second: string) =>
      machine('web', {
        nics: [
          { name: 'eth0', network: 'lan', ip: first },
          { name: 'eth1', network: 'lan', ip: second },
        ],
      });
    const cloud = await cloudWith(network('lan', { cidr: '10.1.1.0/24' }), two('10.1.1.5', '10.1.1.6'));
    await applyAll(cloud, two('10.1.1.6', '10.1.1.5'));
    expect((await nics(cloud)).map(({ ip }) => ip)).toEqual(['10.1.1.6', '10.1.1.5']);
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
  });

  it('moves to another network while the guest runs', async () => {
    const cloud = await cloudWith(
      network('lan'),
      network('wan'),
      machine('web', { nics: [{ name: 'eth0', network: 'lan' }] }),
    );
    const [before] = await nics(cloud);
    await applyAll(cloud, machine('web', { nics: [{ name: 'eth0', network: 'wan' }] }));
    const [after] = await nics(cloud);
    expect(after?.mac).toBe(before?.mac);
    expect((await seen(cloud)).live?.nics.map(({ networkUid }) => networkUid)).toEqual([
      await uidOf(cloud, 'wan', 'Network'),
    ]);
    expect(hostOf(cloud).networks[await uidOf(cloud, 'lan', 'Network')]?.reservations).toEqual([]);
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
  });
});

describe('a seed', () => {
  const key = (publicKey: string) => ({ kind: 'SshKey', metadata: { name: 'admin' }, spec: { publicKey } });
  const seeds = (cloud: Cloud) =>
    Object.keys(hostOf(cloud).folders['/pools/main'] ?? {}).filter((name) => name.startsWith('seed-'));

  it('is another file when a key changes; the old one goes once the guest no longer has it', async () => {
    const cloud = await cloudWith(key(KEY), machine('web', { sshKeys: ['admin'] }));
    const [first] = seeds(cloud);
    await applyAll(cloud, key(`${KEY}2`));
    await cloud.settle(RESYNC_MS);
    expect(seeds(cloud)).toHaveLength(2);
    expect(await restartCauses(cloud)).toBe('seed');
    await cloud.request(WEB, 'restart', 't1');
    await cloud.settle();
    expect(seeds(cloud)).toHaveLength(1);
    expect(seeds(cloud)).not.toContain(first);
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
    await cloud.settle(RESYNC_MS);
    const claims = await cloud.store.claims(await uidOf(cloud, 'web'));
    expect(Object.keys(claims?.chosen ?? {}).filter((slot) => slot.startsWith('seed/'))).toHaveLength(1);
  });

  it('opens a secret only into the file: not into steps, plans or status', async () => {
    const secret = {
      kind: 'Secret',
      metadata: { name: 'init' },
      spec: { data: { 'user-data': '#cloud-config\npassword: kiwi-42\n' } },
    };
    const cloud = await cloudWith(secret, machine('web', { userDataFrom: { secret: 'init' } }));
    const [name = ''] = seeds(cloud);
    const content = hostOf(cloud).folders['/pools/main']?.[name]?.content?.base64 ?? '';
    expect(Buffer.from(content, 'base64').toString('latin1')).toContain('password: kiwi-42');
    const uid = await uidOf(cloud, 'web');
    const shown = [
      await cloud.get('VirtualMachine', 'web'),
      await cloud.store.steps({ uid, limit: 50 }),
      await cloud.store.events({ uid, limit: 50 }),
    ];
    expect(JSON.stringify(shown)).not.toContain('kiwi');
  });

  it('is not needed for a name alone', async () => {
    const cloud = await cloudWith(machine('web'));
    expect(seeds(cloud)).toEqual([]);
    expect((await seen(cloud)).live?.disks).toEqual([]);
  });
});

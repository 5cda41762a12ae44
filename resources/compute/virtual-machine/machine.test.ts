import { describe, expect, it, jest } from '@jest/globals';
import type { ScriptedFaults } from '../../../hypervisor/memory/faults.ts';
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

describe('a machine', () => {
  it('needs a definition and a start, and nothing more in the next passes', async () => {
    const cloud = await cloudWith(machine('web'));
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
    expect(cloud.deeds()).toEqual(['pools.ensure', 'machines.define', 'machines.start']);
    expect(await status(cloud)).toMatchObject({ power: 'running', host: 'h1', cpus: 1, memoryMiB: 512 });
    const before = await cloud.get('VirtualMachine', 'web');
    await cloud.settle(2 * RESYNC_MS);
    expect(cloud.deeds()).toHaveLength(3);
    expect(await cloud.get('VirtualMachine', 'web')).toEqual(before);
  });

  it('at rest is worked out no more, nor is what it stands on: looks only compare', async () => {
    const cloud = await cloudWith(
      network('lan', { cidr: '10.1.1.0/24' }),
      volume('data', { sizeGiB: 2 }),
      { kind: 'VolumeSnapshot', metadata: { name: 'before' }, spec: { volume: 'data' } },
      machine('web', { disks: [{ name: 'root', sizeGiB: 5 }], nics: [{ name: 'eth0', network: 'lan' }] }),
    );
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
    await cloud.settle(2 * RESYNC_MS);
    const uid = await uidOf(cloud, 'web', 'VirtualMachine');
    const { quietPasses } = cloud.engine.store;
    const asked = jest.spyOn(quietPasses, 'before');
    const workedOut = [jest.spyOn(quietPasses, 'keep'), jest.spyOn(quietPasses, 'forget')];
    await cloud.settle(3 * RESYNC_MS);
    expect(asked.mock.calls.filter(([claim]) => claim.uid === uid).length).toBeGreaterThanOrEqual(3);
    expect(workedOut.flatMap(({ mock }) => mock.calls)).toEqual([]);
  });

  it('comes with its network, its disk and its seed, and goes without a trace', async () => {
    const cloud = await cloudWith(
      network('lan', { cidr: '10.1.1.0/24' }),
      { kind: 'SshKey', metadata: { name: 'admin' }, spec: { publicKey: KEY } },
      machine('web', {
        disks: [{ name: 'root', sizeGiB: 5 }],
        nics: [{ name: 'eth0', network: 'lan' }],
        sshKeys: ['admin'],
      }),
    );
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
    const web = await seen(cloud);
    expect(web.live?.disks.map(({ name, device }) => [name, device])).toEqual([
      ['root', 'disk'],
      ['seed', 'cdrom'],
    ]);
    const [nic] = (await status(cloud)).nics as [{ mac: string; ip: string }];
    const lan = hostOf(cloud).networks[await uidOf(cloud, 'lan', 'Network')];
    expect(lan?.reservations).toEqual([{ mac: nic.mac, ip: nic.ip, hostname: 'web' }]);
    expect(nic.mac).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
    expect(nic.ip).toMatch(/^10\.1\.1\.\d+$/);

    await cloud.remove(WEB);
    await cloud.settle();
    expect(await cloud.get('VirtualMachine', 'web')).toBeUndefined();
    expect(await cloud.get('Volume', 'web-root')).toBeUndefined();
    expect(hostOf(cloud).machines).toEqual({});
    expect(hostOf(cloud).folders).toEqual({ '/pools/main': {} });
    expect(lan?.reservations).toEqual([]);
    expect((await cloud.store.capacity()).filter(({ used }) => used > 0)).toEqual([]);
  });

  it('waits for a volume that is not ready, and says so', async () => {
    const cloud = await cloudWith(
      volume('data', { sizeGiB: 500_0, pool: 'main' }),
      machine('web', { disks: [{ name: 'data', volume: 'data' }] }),
    );
    expect(await cloud.condition('VirtualMachine', 'web')).toMatchObject({ status: 'False', reason: 'RefNotReady' });
    expect(hostOf(cloud).machines).toEqual({});
    await applyAll(cloud, {
      kind: 'StoragePool',
      metadata: { name: 'main' },
      spec: { path: '/pools/main', hosts: ['h1'], overcommitPercent: 10_000 },
    });
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
  });
});

describe('drift', () => {
  const story = async () => {
    const cloud = await cloudWith(
      network('lan'),
      machine('web', {
        disks: [
          { name: 'root', sizeGiB: 5 },
          { name: 'data', sizeGiB: 6 },
        ],
        nics: [{ name: 'eth0', network: 'lan' }],
      }),
    );
    return { cloud, uid: await uidOf(cloud, 'web'), hand: cloud.hand('h1'), mark: cloud.deeds().length };
  };

  it('destroyed outside: started again', async () => {
    const { cloud, uid, hand, mark } = await story();
    hand.destroy(uid);
    await cloud.settle(RESYNC_MS);
    expect(deedsSince(cloud, mark)).toEqual(['machines.start']);
    expect((await seen(cloud)).power).toBe('running');
  });

  it('undefined while it runs: defined again, without a restart', async () => {
    const { cloud, uid, hand, mark } = await story();
    const { runId } = await seen(cloud);
    hand.undefine(uid);
    await cloud.settle(RESYNC_MS);
    expect(deedsSince(cloud, mark)).toEqual(['machines.define']);
    expect(await seen(cloud)).toMatchObject({ runId, persistent: { uid } });
  });

  it('undefined while it is off: defined and started', async () => {
    const { cloud, uid, hand, mark } = await story();
    hand.destroy(uid);
    hand.undefine(uid);
    await cloud.settle(RESYNC_MS);
    expect(deedsSince(cloud, mark)).toEqual(['machines.define', 'machines.start']);
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
  });

  it('a disk and a NIC detached: attached again', async () => {
    const { cloud, uid, hand } = await story();
    const before = structuredClone((await seen(cloud)).live);
    hand.detachDisk(uid, 'data');
    hand.detachNic(uid, before?.nics[0]?.mac ?? '');
    await cloud.settle(RESYNC_MS);
    const web = await seen(cloud);
    expect(web.live?.disks.map(({ name }) => name)).toEqual(['root', 'data']);
    expect(web.live?.nics).toEqual(before?.nics);
    expect(web.persistent?.nics).toEqual(before?.nics);
  });

  it('a changed definition: put right, also what runs', async () => {
    const { cloud, uid, hand } = await story();
    const before = structuredClone(await seen(cloud));
    hand.edit(uid, { memoryMiB: 300, bootOrder: ['network'], cpus: 1 });
    await cloud.settle(RESYNC_MS);
    const web = await seen(cloud);
    expect(web.persistent).toEqual(before.persistent);
    expect(web.live?.memoryMiB).toBe(512);
    expect(await cloud.condition('VirtualMachine', 'web', 'RestartRequired')).toMatchObject({
      status: 'True',
      params: { causes: 'bootOrder' },
    });
  });

  it('its network stopped: started again, its lease and its NIC put back, while the guest keeps the NIC', async () => {
    const { cloud, hand, mark } = await story();
    const lan = await uidOf(cloud, 'lan', 'Network');
    const { runId } = await seen(cloud);
    hand.stopNetwork(lan);
    hand.dropReservations(lan);
    await cloud.settle(RESYNC_MS);
    expect(await seen(cloud)).toMatchObject({ runId, unplugged: [] });
    expect(hostOf(cloud).networks[lan]).toMatchObject({ active: true, reservations: [{ hostname: 'web' }] });
    const done = deedsSince(cloud, mark);
    expect(new Set(done)).toEqual(new Set(['networks.ensure', 'networks.reserve', 'machines.attachNic']));
    await cloud.settle(2 * RESYNC_MS);
    expect(deedsSince(cloud, mark)).toEqual(done);
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
  });

  it('its network stopped and started between two looks, several times in its life: its guests are plugged in each time', async () => {
    const { cloud, hand } = await story();
    await applyAll(cloud, machine('db', { nics: [{ name: 'eth0', network: 'lan' }] }));
    const lan = await uidOf(cloud, 'lan', 'Network');
    const { runId } = await seen(cloud);
    for (let times = 0; times < 3; times += 1) {
      hand.restartNetwork(lan);
      await cloud.settle(RESYNC_MS);
      expect(await seen(cloud)).toMatchObject({ runId, unplugged: [] });
      expect(await seen(cloud, 'db')).toMatchObject({ unplugged: [] });
      expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
    }
  });

  it('its network changed twice in a row: its guests are plugged in at once each time', async () => {
    const { cloud } = await story();
    await applyAll(cloud, machine('db', { nics: [{ name: 'eth0', network: 'lan' }] }));
    for (const domain of ['one.internal', 'two.internal']) {
      await cloud.apply([{ kind: 'Network', metadata: { name: 'lan' }, spec: { domain } }], { allowedRisk: 'restart' });
      await cloud.settle(0);
      expect(hostOf(cloud).networks[await uidOf(cloud, 'lan', 'Network')]?.spec?.domain).toBe(domain);
      expect([(await seen(cloud)).unplugged, (await seen(cloud, 'db')).unplugged]).toEqual([[], []]);
    }
  });

  it('its network stopped, and plugging in fails at first: every guest is plugged in in the end', async () => {
    const { cloud, hand } = await story();
    await applyAll(cloud, machine('db', { nics: [{ name: 'eth0', network: 'lan' }] }));
    (cloud.world.faults as ScriptedFaults).next({ verb: 'machines.attachNic' }, { kind: 'error', code: 'Failed' }, 1);
    hand.stopNetwork(await uidOf(cloud, 'lan', 'Network'));
    await cloud.settle(RESYNC_MS);
    expect([(await seen(cloud)).unplugged, (await seen(cloud, 'db')).unplugged]).toEqual([[], []]);
    expect(await cloud.ready('VirtualMachine', 'db')).toBe('True Ready');
  });

  it('its host silent: nothing is done, nothing is forgotten', async () => {
    const { cloud, hand, mark } = await story();
    hand.setUnreachable(true);
    await cloud.settle(2 * RESYNC_MS);
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('False PlaceSilent');
    expect(await status(cloud)).toMatchObject({ power: 'running' });
    await cloud.remove(WEB);
    await cloud.settle(RESYNC_MS);
    expect(deedsSince(cloud, mark)).toEqual([]);
    hand.setUnreachable(false);
    await cloud.settle(RESYNC_MS);
    expect(await cloud.get('VirtualMachine', 'web')).toBeUndefined();
    expect(hostOf(cloud).machines).toEqual({});
  });
});

import { describe, expect, it } from '@jest/globals';
import {
  can,
  codeOf,
  defined,
  disk,
  eventually,
  good,
  MIB,
  network,
  nic,
  pool,
  running,
  type Scene,
  sightOf,
  volume,
} from './hypervisor-fixture.ts';

export function describeDevices(scene: () => Scene, timeoutMs: number): void {
  describe('a machine that is off', () => describeOff(scene, timeoutMs));
  describe('a machine that runs', () => {
    describeSizes(scene, timeoutMs);
    describeDisks(scene, timeoutMs);
    describeNics(scene, timeoutMs);
    describeLooks(scene, timeoutMs);
  });
}

function describeOff(scene: () => Scene, timeoutMs: number): void {
  it(
    'takes other sizes at its next start, within its bounds',
    async () => {
      const { machines } = scene().hypervisor;
      const { uid } = await defined(scene(), { maxMemoryMiB: 128 });
      await good(machines.setCpus({ uid, cpus: 2 }));
      await good(machines.setMemory({ uid, memoryMiB: 96 }));
      expect(await sightOf(scene(), uid)).toMatchObject({ live: null, persistent: { cpus: 2, memoryMiB: 96 } });
      expect(await codeOf(machines.setCpus({ uid, cpus: 3 }))).toBe('Invalid');
      expect(await codeOf(machines.setMemory({ uid, memoryMiB: 129 }))).toBe('Invalid');
      expect(await sightOf(scene(), uid)).toMatchObject({ persistent: { cpus: 2, memoryMiB: 96 } });
    },
    timeoutMs,
  );

  it(
    'takes and gives back disks and NICs, each once',
    async () => {
      const { machines } = scene().hypervisor;
      const data = disk(await volume(scene(), { poolUid: await pool(scene()) }));
      const eth0 = nic((await network(scene())).uid);
      const { uid } = await defined(scene());
      for (let round = 0; round < 2; round++) {
        await good(machines.attachDisk({ uid, disk: data }));
        await good(machines.attachNic({ uid, nic: eth0 }));
        expect((await sightOf(scene(), uid))?.persistent).toMatchObject({ disks: [data], nics: [eth0] });
      }
      for (let round = 0; round < 2; round++) {
        await good(machines.detachDisk({ uid, name: data.name }));
        await good(machines.detachNic({ uid, mac: eth0.mac }));
        expect((await sightOf(scene(), uid))?.persistent).toMatchObject({ disks: [], nics: [] });
      }
    },
    timeoutMs,
  );
}

function describeSizes(scene: () => Scene, timeoutMs: number): void {
  it(
    'gets more CPUs at once, if it can',
    async () => {
      const { machines } = scene().hypervisor;
      const { uid } = await running(scene());
      const set = () => machines.setCpus({ uid, cpus: 2 });
      const able = await can(scene(), { capability: 'hotplugCpu', call: set });
      if (able) await good(set());
      const cpus = able ? 2 : 1;
      expect(await sightOf(scene(), uid)).toMatchObject({ live: { cpus }, persistent: { cpus } });
      if (able) expect(await codeOf(machines.setCpus({ uid, cpus: 3 }))).toBe('Invalid');
    },
    timeoutMs,
  );

  it(
    'gets more memory at once, if it can',
    async () => {
      const { machines } = scene().hypervisor;
      const { uid } = await running(scene(), { maxMemoryMiB: 128 });
      const set = () => machines.setMemory({ uid, memoryMiB: 96 });
      if (!(await can(scene(), { capability: 'hotplugMemory', call: set }))) return;
      await good(set());
      expect((await sightOf(scene(), uid))?.persistent?.memoryMiB).toBe(96);
      if (!scene().cooperativeGuests) return;
      await eventually(scene(), async () => expect((await sightOf(scene(), uid))?.live?.memoryMiB).toBe(96));
    },
    timeoutMs,
  );
}

function describeDisks(scene: () => Scene, timeoutMs: number): void {
  it(
    'gets a disk at once, once, and gives it back',
    async () => {
      const { machines } = scene().hypervisor;
      const data = disk(await volume(scene(), { poolUid: await pool(scene()) }));
      const { uid } = await running(scene());
      const attach = () => machines.attachDisk({ uid, disk: data });
      if (!(await can(scene(), { capability: 'hotplugDisk', call: attach }))) return;
      await good(attach());
      await good(attach());
      expect(await sightOf(scene(), uid)).toMatchObject({ live: { disks: [data] }, persistent: { disks: [data] } });
      if (!scene().cooperativeGuests) return;
      await good(machines.detachDisk({ uid, name: data.name }));
      await eventually(scene(), async () => {
        expect(await sightOf(scene(), uid)).toMatchObject({ live: { disks: [] }, persistent: { disks: [] } });
      });
      await good(machines.detachDisk({ uid, name: data.name }));
    },
    timeoutMs,
  );

  it(
    'does not get another disk under a name it has',
    async () => {
      const { machines, capabilities } = scene().hypervisor;
      if (!capabilities.hotplugDisk) return;
      const poolUid = await pool(scene());
      const { uid } = await running(scene());
      const first = disk(await volume(scene(), { poolUid }));
      await good(machines.attachDisk({ uid, disk: first }));
      const second = disk(await volume(scene(), { poolUid }));
      expect(await codeOf(machines.attachDisk({ uid, disk: second }))).toBe('Exists');
      expect((await sightOf(scene(), uid))?.live?.disks).toEqual([first]);
    },
    timeoutMs,
  );

  it(
    'gets another medium in its drive, and has it taken out; the drive stays',
    async () => {
      const { machines } = scene().hypervisor;
      const poolUid = await pool(scene());
      const medium = async () =>
        disk(await volume(scene(), { poolUid }), { name: 'cd', device: 'cdrom', bus: 'sata', readOnly: true });
      const [first, second] = [await medium(), await medium()];
      const { uid } = await running(scene(), { disks: [first] });
      const insert = () => machines.attachDisk({ uid, disk: second });
      if (!(await can(scene(), { capability: 'hotplugDisk', call: insert }))) return;
      await good(insert());
      await good(insert());
      expect(await sightOf(scene(), uid)).toMatchObject({ live: { disks: [second] }, persistent: { disks: [second] } });
      await good(machines.detachDisk({ uid, name: 'cd' }));
      await good(machines.detachDisk({ uid, name: 'cd' }));
      expect(await sightOf(scene(), uid)).toMatchObject({
        live: { disks: [{ name: 'cd', device: 'cdrom', source: null }] },
        persistent: { disks: [] },
      });
      await good(machines.attachDisk({ uid, disk: first }));
      expect(await sightOf(scene(), uid)).toMatchObject({ live: { disks: [first] }, persistent: { disks: [first] } });
    },
    timeoutMs,
  );

  it(
    'gets a bigger disk while it runs',
    async () => {
      const { machines, volumes } = scene().hypervisor;
      const address = await volume(scene(), { poolUid: await pool(scene()), bytes: 4 * MIB });
      const { uid } = await running(scene(), { disks: [disk(address)] });
      const resize = () => machines.resizeDisk({ uid, volume: address, bytes: 8 * MIB });
      if (!(await can(scene(), { capability: 'resizeVolume', call: resize }))) return;
      await good(resize());
      await good(resize());
      expect(await codeOf(machines.resizeDisk({ uid, volume: address, bytes: 4 * MIB }))).toBe('Invalid');
      const [sight] = await good(volumes.sight({ poolUid: address.poolUid, names: [address.name] }));
      expect(sight?.capacityBytes).toBe(8 * MIB);
    },
    timeoutMs,
  );
}

function describeNics(scene: () => Scene, timeoutMs: number): void {
  it(
    'gets a NIC at once, once, and gives it back',
    async () => {
      const { machines } = scene().hypervisor;
      const net = await network(scene());
      const eth0 = nic(net.uid);
      const { uid } = await running(scene());
      const attach = () => machines.attachNic({ uid, nic: eth0 });
      if (!(await can(scene(), { capability: 'hotplugNic', call: attach }))) return;
      await good(attach());
      await good(attach());
      expect(await sightOf(scene(), uid)).toMatchObject({ live: { nics: [eth0] }, persistent: { nics: [eth0] } });
      if (!scene().cooperativeGuests) return;
      await good(machines.detachNic({ uid, mac: eth0.mac }));
      await eventually(scene(), async () => {
        expect(await sightOf(scene(), uid)).toMatchObject({ live: { nics: [] }, persistent: { nics: [] } });
      });
      await good(machines.detachNic({ uid, mac: eth0.mac }));
    },
    timeoutMs,
  );
}

function describeLooks(scene: () => Scene, timeoutMs: number): void {
  it(
    'tells what it uses',
    async () => {
      const { machines } = scene().hypervisor;
      const { uid } = await running(scene());
      if (!(await can(scene(), { capability: 'stats', call: () => machines.stats(uid) }))) return;
      const first = await good(machines.stats(uid));
      expect(typeof first.cpuTimeNs).toBe('bigint');
      await scene().pass(100);
      expect((await good(machines.stats(uid))).cpuTimeNs).toBeGreaterThanOrEqual(first.cpuTimeNs);
      await good(machines.destroy(uid));
      expect(await codeOf(machines.stats(uid))).toBe('Invalid');
    },
    timeoutMs,
  );

  it(
    'has a console that ends with it',
    async () => {
      const { machines } = scene().hypervisor;
      const { uid } = await running(scene());
      if (!(await can(scene(), { capability: 'console', call: () => machines.openConsole(uid) }))) return;
      const console = await good(machines.openConsole(uid));
      const reading = (async () => {
        let bytes = 0;
        for await (const piece of console.output) bytes += piece.byteLength;
        return bytes;
      })();
      await console.write(new TextEncoder().encode('root\n'));
      await good(machines.destroy(uid));
      expect(await reading).toBeGreaterThanOrEqual(0);
      expect(await codeOf(machines.openConsole(uid))).toBe('Invalid');
      await console.close();
    },
    timeoutMs,
  );
}

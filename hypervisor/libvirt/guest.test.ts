import { randomUUID } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { guestImage } from '../../test/guest/build.ts';
import { untilGuestSays } from '../../test/guest/serial-log.ts';
import { describeReal, guestParts, labParts } from '../../test/real-parts.ts';
import type { DiskSpec, MachineSpec, NicSpec } from '../port.ts';
import {
  type ConnectedLab,
  connectLab,
  makeDisk,
  makeNetwork,
  makePool,
  sightOf,
  smallMachine,
  until,
  value,
} from './lab-host.fixture.ts';

const timeoutMs = 240_000;
const mebibyte = 1_048_576;

describeReal('a machine with an operating system', [...labParts, ...guestParts], () => {
  let host: ConnectedLab;
  let guest: Booted;
  beforeAll(async () => {
    host = await connectLab({ name: 'guest' });
    guest = await boot(host);
  }, timeoutMs);
  afterAll(() => host.close(), timeoutMs);
  const live = async () => (await sightOf(host, guest.spec.uid))?.live;

  it(
    'has its reserved address and name, and talks on its console',
    async () => {
      const { machines, networks } = host.hypervisor;
      await guest.says(/^ready$/);
      expect(await value(networks.leases(guest.networkUid))).toMatchObject([{ mac: guest.nic.mac, ip: '10.214.1.50' }]);
      const console = await value(machines.openConsole(guest.spec.uid));
      await console.write(new TextEncoder().encode('\necho said-$((40 + 2)); nslookup -type=a web\n'));
      let heard = '';
      for await (const piece of console.output) {
        heard += new TextDecoder().decode(piece);
        if (heard.includes('said-42') && heard.includes('10.214.1.50')) break;
      }
      await console.close();
      expect(heard).toContain('web.web.internal');
    },
    timeoutMs,
  );

  it(
    'takes CPUs and gives back memory while it runs',
    async () => {
      const { machines } = host.hypervisor;
      const { uid } = guest.spec;
      await value(machines.setCpus({ uid, cpus: 2 }));
      await guest.says(/^cpus=2 /);
      await value(machines.setMemory({ uid, memoryMiB: 112 }));
      await until(async () => (await live())?.memoryMiB === 112);
      expect(await sightOf(host, uid)).toMatchObject({ live: { cpus: 2 }, persistent: { cpus: 2, memoryMiB: 112 } });
      const stats = await value(machines.stats(uid));
      expect(stats.cpuTimeNs).toBeGreaterThan(0n);
      expect(stats.diskReadBytes).toBeGreaterThan(0n);
      expect(stats.netRxBytes).toBeGreaterThan(0n);
    },
    timeoutMs,
  );

  it(
    'has what moves through its NIC and its disk counted, byte by byte',
    async () => {
      const { machines } = host.hypervisor;
      const { uid } = guest.spec;
      const read = async () => {
        const found = (await value(machines.counters())).find((each) => each.uid === uid);
        const [nic, disk] = [found?.nics[0], found?.disks?.[0]];
        if (nic === undefined || disk === undefined) throw new Error('The guest has a NIC and a disk.');
        return { nic, disk };
      };
      const before = await read();
      expect(before.nic).toMatchObject({ name: guest.nic.name, networkUid: guest.networkUid });
      // It was booted from its disk.
      expect(before.disk.readBytes).toBeGreaterThan(0n);
      expect(before.disk.readRequests).toBeGreaterThan(0n);
      const pings = 5n;
      await host.lab.exec(['busybox', 'ping', '-c', `${pings}`, '-s', '1000', '10.214.1.50']);
      const after = await read();
      // 1000 bytes with 8 of ICMP, 20 of IP and 14 of Ethernet, each there and back; others may speak, too.
      expect(after.nic.receivedBytes - before.nic.receivedBytes).toBeGreaterThanOrEqual(pings * 1042n);
      expect(after.nic.sentBytes - before.nic.sentBytes).toBeGreaterThanOrEqual(pings * 1042n);
      expect([after.nic.epoch, after.disk.epoch]).toEqual([before.nic.epoch, before.disk.epoch]);
    },
    timeoutMs,
  );

  it(
    'gets a disk, sees it grow, and lets go of it',
    async () => {
      const { machines, volumes } = host.hypervisor;
      const { uid } = guest.spec;
      const disk = await makeDisk(host, { poolUid: guest.poolUid, name: 'data' });
      await value(machines.attachDisk({ uid, disk }));
      await guest.says(/^disk vdb sectors=2048 serial=data$/);
      const volume = disk.source ?? { poolUid: '', name: '' };
      await value(machines.resizeDisk({ uid, volume, bytes: 3 * mebibyte }));
      await guest.says(/^disk vdb sectors=6144 serial=data$/);
      expect(await value(volumes.sight({ poolUid: guest.poolUid, names: [volume.name] }))).toMatchObject([
        { capacityBytes: 3 * mebibyte, attachedTo: { machineUid: uid, diskName: 'data', running: true } },
      ]);
      await value(machines.detachDisk({ uid, name: 'data' }));
      await guest.says(/^disk vdb gone$/);
      await until(async () => (await live())?.disks.length === 1);
      expect((await sightOf(host, uid))?.persistent?.disks).toEqual(guest.spec.disks);
      await value(volumes.remove(volume));
    },
    timeoutMs,
  );

  it(
    'gets a second NIC and lets go of it, and has its first back after its network was started anew',
    async () => {
      const { machines } = host.hypervisor;
      const { uid } = guest.spec;
      const second: NicSpec = {
        ...guest.nic,
        name: 'eth1',
        mac: '52:54:00:cc:00:02',
        networkUid: await makeNetwork(host, 2),
      };
      await value(machines.attachNic({ uid, nic: second }));
      await guest.says(/^nic eth1 mac=52:54:00:cc:00:02$/);
      await value(machines.detachNic({ uid, mac: second.mac }));
      await guest.says(/^nic eth1 gone$/);
      await until(async () => (await live())?.nics.length === 1);

      const ping = () =>
        host.lab.exec(['busybox', 'ping', '-c', '1', '-W', '3', '10.214.1.50']).then(
          () => true,
          () => false,
        );
      expect(await ping()).toBe(true);
      await host.lab.virsh('net-destroy', guest.networkUid);
      await host.lab.virsh('net-start', guest.networkUid);
      expect(await ping()).toBe(false);
      await value(machines.attachNic({ uid, nic: guest.nic }));
      await until(ping);
    },
    timeoutMs,
  );

  it(
    'goes off by its power button, and leaves nothing when it is removed',
    async () => {
      const { machines, networks, pools, volumes } = host.hypervisor;
      const { uid } = guest.spec;
      await value(machines.shutdown(uid));
      await until(async () => (await sightOf(host, uid))?.power === 'off');
      expect(await sightOf(host, uid)).toMatchObject({
        powerReason: 'shutdown',
        persistent: { ...guest.spec, cpus: 2, memoryMiB: 112 },
      });
      await value(machines.undefine(uid));
      for (const disk of guest.spec.disks) if (disk.source) await value(volumes.remove(disk.source));
      expect(await value(volumes.sight({ poolUid: guest.poolUid }))).toEqual([]);
      await value(networks.remove(guest.networkUid));
      await value(pools.remove(guest.poolUid));
      expect(await value(machines.sight())).toEqual([]);
    },
    timeoutMs,
  );
});

interface Booted {
  spec: MachineSpec;
  nic: NicSpec;
  networkUid: string;
  poolUid: string;
  says(pattern: RegExp): Promise<unknown>;
}

async function boot(host: ConnectedLab): Promise<Booted> {
  const { machines, networks, volumes } = host.hypervisor;
  const image = await guestImage();
  const poolUid = await makePool(host);
  const networkUid = await makeNetwork(host, 1);
  const source = { poolUid, name: `${randomUUID()}.qcow2` };
  const { size } = statSync(image.disk);
  const content = createReadStream(image.disk);
  await value(volumes.upload({ volume: source, bytes: size, format: 'qcow2', content }));
  const nic: NicSpec = {
    name: 'eth0',
    mac: '52:54:00:cc:00:01',
    networkUid,
    model: 'virtio',
    bootIndex: null,
    rateMbps: null,
  };
  await value(networks.reserve({ uid: networkUid, reservation: { mac: nic.mac, ip: '10.214.1.50', hostname: 'web' } }));
  const plain = { name: 'root', device: 'disk', bus: 'virtio', format: 'qcow2', readOnly: false } as const;
  const root: DiskSpec = { ...plain, source, bootIndex: null, iops: null, cache: null };
  const sized = { cpus: 1, maxCpus: 2, memoryMiB: 160, maxMemoryMiB: 160 };
  const spec = smallMachine(host, { ...sized, disks: [root], nics: [nic], serialLog: true });
  await value(machines.define(spec));
  await value(machines.start(spec.uid));
  const log = (await sightOf(host, spec.uid))?.serialLog ?? '';
  return { spec, nic, networkUid, poolUid, says: (pattern) => untilGuestSays(host.lab.outside(log), pattern) };
}

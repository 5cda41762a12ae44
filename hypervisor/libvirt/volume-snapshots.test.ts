import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeReal, labParts } from '../../test/real-parts.ts';
import type { MachineSpec, Result, VolumeAddress } from '../port.ts';
import { type ConnectedLab, codeOf, connectLab, makePool, running, until, value } from './lab-host.fixture.ts';

const timeoutMs = 240_000;
const mebibyte = 1_048_576;

describeReal('a snapshot', labParts, () => {
  let host: ConnectedLab;
  let poolUid: string;
  beforeAll(async () => {
    host = await connectLab({ name: 'snap' });
    poolUid = await makePool(host);
  }, timeoutMs);
  afterAll(() => host.close(), timeoutMs);

  const pathOf = ({ name }: VolumeAddress) => `/var/lib/libvirt/images/${poolUid}/${name}`;
  const fileOf = (volume: VolumeAddress) => host.lab.outside(pathOf(volume));
  const names = async () => (await value(host.hypervisor.volumes.sight({ poolUid }))).map(({ name }) => name);
  const beside = () => ({ poolUid, name: `${randomUUID()}.snapshot.qcow2` });

  async function written(content: Uint8Array): Promise<VolumeAddress> {
    const volume = { poolUid, name: `${randomUUID()}.raw` };
    async function* all() {
      for (let at = 0; at < content.length; at += mebibyte) yield content.subarray(at, at + mebibyte);
    }
    await value(host.hypervisor.volumes.upload({ volume, bytes: content.length, format: 'raw', content: all() }));
    return volume;
  }

  /** What a new volume holds that is made of it. */
  async function restored(from: VolumeAddress, bytes: number): Promise<Buffer> {
    const { volumes } = host.hypervisor;
    const to = { poolUid, name: `${randomUUID()}.raw` };
    await value(volumes.clone({ from, fromFormat: 'qcow2', to, bytes, format: 'raw' }));
    return read(to);
  }

  async function read(volume: VolumeAddress): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for await (const piece of await value(host.hypervisor.volumes.download({ volume }))) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  const onDisk = (source: VolumeAddress): Promise<MachineSpec> => {
    const plain = { name: 'data', device: 'disk', bus: 'virtio', format: 'raw', readOnly: false } as const;
    return running(host, { disks: [{ ...plain, source, bootIndex: null, iops: null, cache: null }] });
  };
  /** Writes 0x55 to the first MiB of its disk through QEMU's own block layer, as a guest does. */
  const overwrite = (uid: string) =>
    host.lab.virsh(
      'qemu-monitor-command',
      uid,
      '--hmp',
      'qemu-io -d /machine/peripheral/ua-disk-data/virtio-backend "write -P 0x55 0 1M"',
    );
  const copies = (uid: string) =>
    host.lab.virsh('backup-dumpxml', uid).then(
      () => true,
      () => false,
    );

  /** libvirtd is killed while a guest copies, and comes back. */
  async function dyingWith(taking: Promise<Result<void>>, to: VolumeAddress): Promise<void> {
    await until(async () => (statSync(fileOf(to), { throwIfNoEntry: false })?.size ?? 0) > mebibyte);
    await host.lab.killLibvirtd();
    expect(await codeOf(taking)).not.toBe('ok');
    await host.lab.startLibvirtd();
    await until(async () => (await host.directory.at('host')).ok);
    await until(async () => (await host.hypervisor.volumes.sight({ poolUid })).ok);
  }

  it(
    'of a disk that its running guest overwrites meanwhile holds what was there when it began',
    async () => {
      const before = randomBytes(96 * mebibyte);
      const from = await written(before);
      const { uid } = await onDisk(from);
      const to = beside();
      const taking = value(host.hypervisor.volumes.snapshot({ from, to }));
      let isTaken = false;
      void taking.then(() => {
        isTaken = true;
      });
      await until(async () => isTaken || (await copies(uid)));
      await overwrite(uid);
      await taking;
      expect((await restored(to, before.length)).equals(before)).toBe(true);
      await value(host.hypervisor.machines.destroy(uid));
      const after = Buffer.concat([Buffer.alloc(mebibyte, 0x55), before.subarray(mebibyte)]);
      expect((await read(from)).equals(after)).toBe(true);
      expect(await host.lab.exec(['qemu-img', 'check', pathOf(to)])).toContain('No errors');
    },
    timeoutMs,
  );

  it(
    'of a running guest says that the pool is full, and leaves nothing',
    async () => {
      const pool = await makePool(host);
      await host.lab.exec(['mount', '-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', `/var/lib/libvirt/images/${pool}`]);
      const { volumes, machines } = host.hypervisor;
      const from = { poolUid: pool, name: `${randomUUID()}.raw` };
      async function* content() {
        yield randomBytes(16 * mebibyte);
      }
      await value(volumes.upload({ volume: from, bytes: 16 * mebibyte, format: 'raw', content: content() }));
      const { uid } = await onDisk(from);
      const to = { poolUid: pool, name: `${randomUUID()}.snapshot.qcow2` };
      expect(await codeOf(volumes.snapshot({ from, to }))).toBe('NoSpace');
      expect((await value(volumes.sight({ poolUid: pool }))).map(({ name }) => name)).toEqual([from.name]);
      await value(machines.destroy(uid));
    },
    timeoutMs,
  );

  it(
    'of a file that somebody writes to meanwhile is thrown away, and can be made again',
    async () => {
      const from = await written(randomBytes(64 * mebibyte));
      const to = beside();
      const file = openSync(fileOf(from), 'r+');
      let ended = false;
      const taking = codeOf(host.hypervisor.volumes.snapshot({ from, to })).finally(() => {
        ended = true;
      });
      while (!ended) {
        writeSync(file, randomBytes(512), 0, 512, 0);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      closeSync(file);
      expect(await taking).toBe('Busy');
      expect(await names()).not.toContain(to.name);
      await value(host.hypervisor.volumes.snapshot({ from, to }));
      expect((await restored(to, 64 * mebibyte)).equals(await read(from))).toBe(true);
    },
    timeoutMs,
  );

  it(
    'that is given up while a guest is copied ends the copying, and leaves nothing',
    async () => {
      const from = await written(randomBytes(96 * mebibyte));
      const { uid } = await onDisk(from);
      const to = beside();
      const caller = new AbortController();
      const taking = codeOf(host.hypervisor.volumes.snapshot({ from, to }, { signal: caller.signal }));
      await until(async () => (statSync(fileOf(to), { throwIfNoEntry: false })?.size ?? 0) > 0);
      caller.abort();
      expect(await taking).toBe('Aborted');
      await until(async () => !(await copies(uid)) && !(await names()).some((name) => name.startsWith(to.name)));
      await value(host.hypervisor.volumes.snapshot({ from, to }));
      await value(host.hypervisor.machines.destroy(uid));
      expect((await restored(to, 96 * mebibyte)).equals(await read(from))).toBe(true);
    },
    timeoutMs,
  );

  it(
    'that libvirtd did not survive can be removed, and its guest copies no more',
    async () => {
      const { volumes, machines } = host.hypervisor;
      const from = await written(randomBytes(256 * mebibyte));
      const { uid } = await onDisk(from);
      const to = beside();
      await dyingWith(volumes.snapshot({ from, to }), to);
      await value(volumes.remove(to));
      await until(async () => !(await copies(uid)));
      expect((await names()).filter((name) => name.startsWith(to.name))).toEqual([]);
      await value(machines.destroy(uid));
    },
    timeoutMs,
  );

  it(
    'that libvirtd did not survive is not there, and is taken when it is asked for again',
    async () => {
      const from = await written(randomBytes(256 * mebibyte));
      const { uid } = await onDisk(from);
      const to = beside();
      await dyingWith(host.hypervisor.volumes.snapshot({ from, to }), to);
      expect(await names()).not.toContain(to.name);
      await until(async () => (await codeOf(host.hypervisor.volumes.snapshot({ from, to }))) === 'ok');
      await value(host.hypervisor.machines.destroy(uid));
      expect((await restored(to, 256 * mebibyte)).equals(await read(from))).toBe(true);
    },
    timeoutMs,
  );
});

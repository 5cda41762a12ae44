import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeReal, labParts } from '../../test/real-parts.ts';
import type { VolumeAddress } from '../port.ts';
import { type ConnectedLab, codeOf, connectLab, makePool, until, value } from './lab-host.fixture.ts';

const timeoutMs = 120_000;
const mebibyte = 1_048_576;

describeReal('filling a volume', labParts, () => {
  let host: ConnectedLab;
  let poolUid: string;
  beforeAll(async () => {
    host = await connectLab({ name: 'fill' });
    poolUid = await makePool(host);
  }, timeoutMs);
  afterAll(() => host.close(), timeoutMs);

  const seen = async (volume: VolumeAddress) =>
    (await value(host.hypervisor.volumes.sight({ poolUid, names: [volume.name] })))[0];
  const fileOf = ({ name }: VolumeAddress) => host.lab.outside(`/var/lib/libvirt/images/${poolUid}/${name}`);
  const back = async () => {
    await host.lab.startLibvirtd();
    await until(async () => (await host.directory.at('host')).ok);
    await until(async () => (await host.hypervisor.volumes.sight({ poolUid })).ok);
  };

  it(
    'that libvirtd did not survive leaves no volume, and succeeds when it is done again',
    async () => {
      const { volumes } = host.hypervisor;
      const content = randomBytes(8 * mebibyte);
      const volume = { poolUid, name: `${randomUUID()}.raw` };
      const upload = { volume, bytes: content.length, format: 'raw' as const };
      async function* dying() {
        yield content.subarray(0, 2 * mebibyte);
        await until(async () => statSync(fileOf(volume)).blocks > 0);
        await host.lab.killLibvirtd();
        yield content.subarray(2 * mebibyte);
      }
      expect(await codeOf(volumes.upload({ ...upload, content: dying() }))).not.toBe('ok');
      await back();
      expect(statSync(fileOf(volume)).size).toBe(content.length);
      expect(await seen(volume)).toBeUndefined();
      const part = { poolUid, name: `${volume.name}.part` };
      expect(await seen(part)).toMatchObject({ name: part.name, capacityBytes: content.length });
      async function* whole() {
        yield content;
      }
      await value(volumes.upload({ ...upload, content: whole() }));
      expect(await seen(volume)).toMatchObject({ capacityBytes: content.length });
      expect(readFileSync(fileOf(volume)).equals(content)).toBe(true);
      expect(await seen(part)).toBeUndefined();
    },
    timeoutMs,
  );

  it(
    'by a copy that libvirtd did not survive leaves no volume either',
    async () => {
      const { volumes } = host.hypervisor;
      const from = { poolUid, name: `${randomUUID()}.raw` };
      async function* content() {
        for (let piece = 0; piece < 256; piece++) yield randomBytes(mebibyte);
      }
      await value(volumes.upload({ volume: from, bytes: 256 * mebibyte, format: 'raw', content: content() }));
      const to = { poolUid, name: `${randomUUID()}.qcow2` };
      const request = { from, fromFormat: 'raw' as const, to, bytes: 300 * mebibyte, format: 'qcow2' as const };
      const copying = codeOf(volumes.clone(request));
      await until(async () => (statSync(fileOf(to), { throwIfNoEntry: false })?.blocks ?? 0) > 0);
      await host.lab.killLibvirtd();
      expect(await copying).not.toBe('ok');
      await back();
      expect(await seen(to)).toBeUndefined();
      await until(async () => (await codeOf(volumes.clone(request))) === 'ok');
      expect(await seen(to)).toMatchObject({ capacityBytes: 300 * mebibyte, format: 'qcow2' });
    },
    timeoutMs,
  );

  it(
    'twice at once ends with one whole volume',
    async () => {
      const { volumes } = host.hypervisor;
      const from = { poolUid, name: `${randomUUID()}.qcow2` };
      await value(volumes.create({ volume: from, bytes: 64 * mebibyte, format: 'qcow2' }));
      const to = { poolUid, name: `${randomUUID()}.qcow2` };
      const request = { from, fromFormat: 'qcow2' as const, to, bytes: 64 * mebibyte, format: 'qcow2' as const };
      await Promise.all([volumes.clone(request), volumes.clone(request), volumes.clone(request)]);
      await value(volumes.clone(request));
      expect(await seen(to)).toMatchObject({ capacityBytes: 64 * mebibyte });
      expect(await host.lab.exec(['qemu-img', 'check', `/var/lib/libvirt/images/${poolUid}/${to.name}`])).toContain(
        'No errors',
      );
    },
    timeoutMs,
  );

  it(
    'takes no room for what is empty in it',
    async () => {
      const { volumes } = host.hypervisor;
      const [head, gap, tail] = [randomBytes(mebibyte), new Uint8Array(30 * mebibyte), randomBytes(mebibyte)];
      const content = Buffer.concat([head, gap, tail, gap]);
      const volume = { poolUid, name: `${randomUUID()}.raw` };
      async function* pieces() {
        for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536);
      }
      await value(volumes.upload({ volume, bytes: content.length, format: 'raw', content: pieces() }));
      expect(readFileSync(fileOf(volume)).equals(content)).toBe(true);
      expect(statSync(fileOf(volume)).blocks * 512).toBeLessThan(4 * mebibyte);
      const sight = await seen(volume);
      expect(sight?.allocatedBytes).toBeLessThan(4 * mebibyte);
    },
    timeoutMs,
  );

  it(
    'with the content of a qcow2 file makes a volume of the size inside',
    async () => {
      const { volumes } = host.hypervisor;
      const path = `/var/lib/libvirt/images/${randomUUID()}`;
      await host.lab.exec(['qemu-img', 'create', '-f', 'qcow2', path, '77M']);
      const file = readFileSync(host.lab.outside(path));
      const volume = { poolUid, name: `${randomUUID()}.qcow2` };
      async function* content() {
        yield file;
      }
      await value(volumes.upload({ volume, bytes: file.length, format: 'qcow2', content: content() }));
      expect(await seen(volume)).toMatchObject({ format: 'qcow2', capacityBytes: 77 * mebibyte });
    },
    timeoutMs,
  );
});

import { describe, expect, it } from '@jest/globals';
import type { DiskSpec } from '../port.ts';
import { HERE, machine, oneHost } from './machine.fixture.ts';

const MIB = 1_048_576;
const network = {
  uid: 'net',
  installationId: HERE,
  bridge: 'br0',
  domain: 'web.internal',
  forward: 'none' as const,
  cidr: '10.1.0.0/24',
  gateway: '10.1.0.1',
  dhcp: { first: '10.1.0.100', last: '10.1.0.101' },
  dns: true,
  mtu: null,
};
const nic = (mac: string) => ({
  name: 'eth0',
  mac,
  networkUid: 'net',
  model: 'virtio' as const,
  bootIndex: null,
  rateMbps: null,
});
const disk = (name: string): DiskSpec => ({
  name: 'root',
  device: 'disk',
  bus: 'virtio',
  source: { poolUid: 'pool', name },
  format: 'qcow2',
  readOnly: false,
  bootIndex: 1,
  iops: null,
  cache: null,
});

describe('a disk', () => {
  it('is never written by two running machines', async () => {
    const { machines, pools, volumes } = oneHost().connect();
    await pools.ensure({ uid: 'pool', type: 'dir', path: '/pool' });
    await volumes.create({ volume: { poolUid: 'pool', name: 'a' }, bytes: MIB, format: 'qcow2' });
    for (const uid of ['one', 'two']) await machines.define(machine(uid, { disks: [disk('a')] }));
    expect((await machines.start('one')).ok).toBe(true);
    expect(await machines.start('two')).toMatchObject({ ok: false, error: { code: 'Failed' } });
    await machines.destroy('one');
    expect((await machines.start('two')).ok).toBe(true);
  });

  it('must be there for a start', async () => {
    const { machines } = oneHost().connect();
    await machines.define(machine('m', { disks: [disk('none')] }));
    expect(await machines.start('m')).toMatchObject({ ok: false, error: { code: 'Failed' } });
  });
});

describe('a network', () => {
  it('gives its guests reserved or free addresses, and takes their plugs along when it stops', async () => {
    const { machines, networks } = oneHost().connect();
    await networks.ensure(network);
    await networks.reserve({ uid: 'net', reservation: { mac: 'aa', ip: '10.1.0.100', hostname: 'web' } });
    await machines.define(machine('m', { nics: [nic('aa'), nic('bb')] }));
    await machines.start('m');
    expect(await networks.leases('net')).toEqual({
      ok: true,
      value: [
        { mac: 'aa', ip: '10.1.0.100', hostname: 'web' },
        { mac: 'bb', ip: '10.1.0.101', hostname: null },
      ],
    });
    expect(await networks.sight(['net'])).toMatchObject({ value: [{ ports: ['aa', 'bb'] }] });
    await networks.stop('net');
    await networks.ensure(network);
    expect(await networks.sight(['net'])).toMatchObject({ value: [{ active: true, ports: [] }] });
    await machines.destroy('m');
    await machines.start('m');
    expect(await networks.sight(['net'])).toMatchObject({ value: [{ ports: ['aa', 'bb'] }] });
  });

  it('must be on for a start', async () => {
    const { machines, networks } = oneHost().connect();
    await networks.ensure(network);
    await networks.stop('net');
    await machines.define(machine('m', { nics: [nic('aa')] }));
    expect(await machines.start('m')).toMatchObject({ ok: false, error: { code: 'Failed' } });
  });
});

describe('storage', () => {
  it('is full when it is full, and then holds what it held', async () => {
    const { host, connect } = oneHost();
    host.storageMiB = 4;
    const { pools, volumes } = connect();
    await pools.ensure({ uid: 'pool', type: 'dir', path: '/pool' });
    const create = (name: string) =>
      volumes.create({ volume: { poolUid: 'pool', name }, bytes: 3 * MIB, format: 'raw' });
    expect((await create('a')).ok).toBe(true);
    expect(await create('b')).toMatchObject({ ok: false, error: { code: 'NoSpace' } });
    expect(await volumes.sight({ poolUid: 'pool' })).toMatchObject({ value: [{ name: 'a' }] });
  });

  it('keeps hash and size of what is large, and the bytes of what is small', async () => {
    const { host, connect } = oneHost();
    const { pools, volumes } = connect();
    await pools.ensure({ uid: 'pool', type: 'dir', path: '/pool' });
    const bytes = 2 * MIB;
    async function* content() {
      yield new Uint8Array(MIB);
      yield new Uint8Array(MIB);
    }
    await volumes.upload({ volume: { poolUid: 'pool', name: 'a' }, bytes, format: 'raw', content: content() });
    // `head -c 2097152 /dev/zero | sha256sum`
    const sha256 = '5647f05ec18958947d32874eeb788fa396a05d0bab7c1b71f112ceb7e9b31eee';
    expect(host.folders['/pool']?.a?.content).toEqual({ bytes, sha256, base64: null });
  });

  it('shows an upload on the way as a part only', async () => {
    const { clock, connect } = oneHost({ transferMiBPerSecond: 1 });
    const { pools, volumes } = connect();
    await pools.ensure({ uid: 'pool', type: 'dir', path: '/pool' });
    async function* content() {
      yield new Uint8Array(MIB);
    }
    const done = volumes.upload({
      volume: { poolUid: 'pool', name: 'a' },
      bytes: MIB,
      format: 'raw',
      content: content(),
    });
    await clock.advance(500);
    expect(await volumes.sight({ poolUid: 'pool' })).toMatchObject({ value: [{ name: 'a.part' }] });
    await clock.advance(500);
    expect((await done).ok).toBe(true);
    expect(await volumes.sight({ poolUid: 'pool' })).toMatchObject({ value: [{ name: 'a' }] });
  });
});

describe('a console', () => {
  it('greets and echoes', async () => {
    const { machines } = oneHost().connect();
    await machines.define(machine('m'));
    await machines.start('m');
    const opened = await machines.openConsole('m');
    if (!opened.ok) throw new Error(opened.error.message);
    await opened.value.write(new TextEncoder().encode('root'));
    const pieces: string[] = [];
    for await (const piece of opened.value.output) {
      pieces.push(new TextDecoder().decode(piece));
      if (pieces.length === 2) await opened.value.close();
    }
    expect(pieces).toEqual(['shop/m login: ', 'root']);
  });
});

describe('two installations on one host', () => {
  it('see each other as foreign, and leave each other alone', async () => {
    const { connect } = oneHost();
    const [ours, theirs] = [connect(), connect('installation-there')];
    await ours.machines.define(machine('m'));
    expect(await theirs.machines.sight()).toMatchObject({ value: [{ uid: 'm', owned: false, installationId: HERE }] });
    for (const verb of ['start', 'destroy', 'undefine'] as const) {
      expect(await theirs.machines[verb]('m')).toMatchObject({ ok: false, error: { code: 'NotOwned' } });
    }
    await ours.networks.ensure(network);
    expect(await theirs.networks.remove('net')).toMatchObject({ ok: false, error: { code: 'NotOwned' } });
  });
});

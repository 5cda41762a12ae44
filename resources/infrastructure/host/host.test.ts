import { describe, expect, it } from '@jest/globals';
import { type Cloud, createCloud, hostManifest, PROJECT, poolManifest } from '../../../test/fixtures/cloud.ts';
import { machineSpec } from '../../../test/fixtures/machine-spec.ts';

const key = { kind: 'Host', project: null, name: 'h1' };
const RESYNC_MS = 400_000;

async function cloudWith(spec = {}, more: Parameters<Cloud['apply']>[0] = []): Promise<Cloud> {
  const cloud = createCloud();
  expect(await cloud.apply([...PROJECT, ...more, hostManifest('h1', spec)])).toMatchObject({ ok: true });
  await cloud.settle();
  return cloud;
}

async function machinesOf(cloud: Cloud) {
  const host = await cloud.engine.ports.hypervisors.at((await cloud.get('Host', 'h1'))?.metadata.uid ?? '');
  if (!host.ok) throw new Error(host.error.message);
  return host.value.machines;
}

const limits = async (cloud: Cloud) => {
  const rows = await cloud.store.capacity();
  return Object.fromEntries(rows.map(({ resource, limit }) => [resource, limit]));
};

describe('a host', () => {
  it('is looked at, says what it has, and is never acted on', async () => {
    const cloud = await cloudWith();
    expect(await cloud.ready('Host', 'h1')).toBe('True Ready');
    expect((await cloud.get('Host', 'h1'))?.status).toMatchObject({
      hostname: 'h1',
      cpus: 8,
      memoryMiB: 16 * 1024,
      kvm: true,
    });
    await cloud.settle(2 * RESYNC_MS);
    expect(cloud.deeds()).toEqual([]);
  });

  it('and a folder on it have one name: under two, all that they have would be promised twice', async () => {
    const cloud = await cloudWith();
    expect(await cloud.apply([poolManifest('main', ['h1'], { path: '/pools' })])).toMatchObject({ ok: true });
    const { uri = '' } = hostManifest('h1').spec ?? {};
    const outcome = await cloud.apply([
      hostManifest('twin', { uri }),
      hostManifest('h2'),
      poolManifest('same', ['h2', 'h1'], { path: '/pools' }),
    ]);
    const refused = [
      [0, '/spec/uri', `needs connection ${uri} for itself, which Host "h1" has: choose another value.`],
      [
        2,
        '/spec/path',
        'needs folder /pools on host h1 for itself, which StoragePool "main" has: choose another value.',
      ],
    ].map(([index, path, message]) => expect.objectContaining({ index, path, message }));
    expect(outcome).toMatchObject({ ok: false, issues: refused });
    const elsewhere = [hostManifest('h2'), poolManifest('same', ['h2'], { path: '/pools' })];
    expect(await cloud.apply(elsewhere)).toMatchObject({ ok: true });
  });

  it('that is the machine of another, or says so as a clone, is named, promises nothing, and may go', async () => {
    const cloud = await cloudWith();
    const machine = cloud.world.state.hosts.h1;
    if (!machine) throw new Error('The world has no h1.');
    machine.uuid = 'machine-1';
    await cloud.settle(RESYNC_MS);
    const spec = machineSpec();
    await (await machinesOf(cloud)).define(spec);
    const before = await cloud.store.capacity();
    expect(await cloud.apply([hostManifest('twin', { uri: 'memory://h1?cpus=8' })])).toMatchObject({ ok: true });
    await cloud.settle(RESYNC_MS);
    expect(await cloud.ready('Host', 'h1')).toBe('True Ready');
    expect(await cloud.condition('Host', 'twin')).toMatchObject({
      reason: 'SameMachine',
      params: { uuid: 'machine-1', host: 'h1' },
    });
    expect(await cloud.store.capacity()).toEqual(before);
    await cloud.remove({ ...key, name: 'twin' });
    await cloud.settle();
    expect(await cloud.get('Host', 'twin')).toBeUndefined();
    expect(Object.keys(machine.machines)).toEqual([spec.uid]);
    expect(cloud.deeds()).toEqual(['machines.define']);
  });

  it('that was a clone takes its place as soon as it says another name, and the other way round', async () => {
    const cloud = await cloudWith({}, [hostManifest('h2')]);
    const [one, two] = ['h1', 'h2'].map((name) => cloud.world.state.hosts[name]);
    if (!one || !two) throw new Error('The world lacks a host.');
    one.uuid = 'same';
    await cloud.settle(RESYNC_MS);
    two.uuid = 'same';
    await cloud.settle(RESYNC_MS);
    expect(await cloud.ready('Host', 'h2')).toBe('False SameMachine');
    two.uuid = 'its own';
    await cloud.settle(RESYNC_MS);
    expect(await cloud.ready('Host', 'h2')).toBe('True Ready');
    expect((await cloud.get('Host', 'h2'))?.status.allocated).toEqual({ machine: 'its own' });
  });

  it.each([
    ['what it has less what it keeps', {}, [], { cpuMilli: 8_000, memoryMiB: 16 * 1024 - 512 }],
    ['more with its own overcommit', { cpuOvercommitPercent: 250, reservedCpus: 2 }, [], { cpuMilli: 15_000 }],
    [
      "its cluster's overcommit",
      { cluster: 'c', memoryOvercommitPercent: 100, reservedMemoryMiB: 0 },
      [{ kind: 'Cluster', metadata: { name: 'c' }, spec: { cpuOvercommitPercent: 400, memoryOvercommitPercent: 150 } }],
      { cpuMilli: 32_000, memoryMiB: 16 * 1024 },
    ],
    ['nothing, when it keeps everything', { reservedCpus: 64 }, [], { cpuMilli: 0 }],
  ])('may promise %s', async (_what, spec, more, expected) => {
    expect(await limits(await cloudWith(spec, more))).toMatchObject(expected);
  });

  it('that stops answering says where it was asked and what came, and keeps its limits', async () => {
    const cloud = await cloudWith();
    const before = await limits(cloud);
    cloud.hand('h1').setUnreachable(true);
    await cloud.settle(RESYNC_MS);
    expect(await cloud.condition('Host', 'h1')).toMatchObject({ status: 'False', reason: 'HostUnreachable' });
    expect((await cloud.condition('Host', 'h1', 'Reachable'))?.params).toMatchObject({
      uri: expect.stringContaining('memory://h1'),
      message: expect.stringContaining('h1 does not answer'),
    });
    expect(await limits(cloud)).toEqual(before);
    cloud.hand('h1').setUnreachable(false);
    await cloud.settle(RESYNC_MS);
    expect(await cloud.ready('Host', 'h1')).toBe('True Ready');
  });

  it('lists the machines of others and leaves them alone', async () => {
    const cloud = await cloudWith();
    cloud.hand('h1').addForeignMachine(machineSpec({ title: 'theirs' }), 'running');
    await cloud.settle(RESYNC_MS);
    const { uid } = machineSpec();
    expect((await cloud.get('Host', 'h1'))?.status).toMatchObject({
      unmanagedTotal: 1,
      unmanaged: [{ uid, name: 'theirs' }],
    });
    await cloud.remove(key);
    await cloud.settle();
    expect(await cloud.get('Host', 'h1')).toBeUndefined();
    expect(cloud.deeds()).toEqual([]);
    expect(Object.keys(cloud.world.state.hosts.h1?.machines ?? {})).toHaveLength(1);
  });

  it('is not deleted while machines of ours are on it', async () => {
    const cloud = await cloudWith();
    const machines = await machinesOf(cloud);
    const spec = machineSpec();
    await machines.define(spec);
    await cloud.remove(key);
    await cloud.settle();
    expect(await cloud.condition('Host', 'h1')).toMatchObject({ reason: 'HostHoldsMachines', params: { count: 1 } });
    await machines.undefine(spec.uid);
    await cloud.settle();
    expect(await cloud.get('Host', 'h1')).toBeUndefined();
  });

  it('that is silent is only deleted when it is given up', async () => {
    const cloud = await cloudWith();
    cloud.hand('h1').setUnreachable(true);
    await cloud.remove(key);
    await cloud.settle(RESYNC_MS);
    expect(await cloud.ready('Host', 'h1')).toBe('False HostSilentWhileDeleting');
    await cloud.request(key, 'forget', 't1');
    await cloud.settle();
    expect(await cloud.get('Host', 'h1')).toBeUndefined();
  });

  it('that never answered can be deleted at once', async () => {
    const cloud = createCloud();
    await cloud.apply([...PROJECT, hostManifest('h1', { uri: 'memory://h1?cpus=none' })]);
    await cloud.settle();
    expect(await cloud.ready('Host', 'h1')).toBe('False HostUnreachable');
    await cloud.remove(key);
    await cloud.settle();
    expect(await cloud.get('Host', 'h1')).toBeUndefined();
  });
});

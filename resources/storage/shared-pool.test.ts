import { describe, expect, it } from '@jest/globals';
import { type Cloud, createCloud, hostManifest, PROJECT, poolManifest } from '../../test/fixtures/cloud.ts';
import { machineSpec } from '../../test/fixtures/machine-spec.ts';
import { fileInventory } from './file-inventory.ts';
import { volumeUidOf } from './names.ts';
import { askPool, throughPool } from './pool-reach.ts';

const key = { kind: 'Volume', project: 'default', name: 'data' };
const data = (sizeGiB: number) => ({ kind: 'Volume', metadata: { name: 'data' }, spec: { pool: 'shared', sizeGiB } });

/** Two hosts that see the same folder, as with a shared file system. */
async function sharedCloud() {
  const cloud = createCloud();
  await cloud.apply([...PROJECT, hostManifest('h1'), hostManifest('h2'), poolManifest('shared', ['h1', 'h2'])]);
  await cloud.settle();
  const { h1, h2 } = cloud.world.state.hosts;
  if (h1 && h2) h2.folders['/pools/shared'] = h1.folders['/pools/shared'] ?? {};
  await cloud.apply([data(2)]);
  await cloud.settle();
  const poolUid = (await cloud.get('StoragePool', 'shared'))?.metadata.uid ?? '';
  return { cloud, poolUid, files: () => Object.keys(h1?.folders['/pools/shared'] ?? {}) };
}

async function runOnSecondHost(cloud: Cloud, poolUid: string): Promise<string> {
  const name = String((await cloud.get('Volume', 'data'))?.status.file);
  const uid = (await cloud.get('Host', 'h2'))?.metadata.uid ?? '';
  const host = await cloud.engine.ports.hypervisors.at(uid);
  if (!host.ok) throw new Error(host.error.message);
  const disk = { name: 'root', device: 'disk', bus: 'virtio', format: 'qcow2', readOnly: false } as const;
  const more = { source: { poolUid, name }, bootIndex: null, iops: null, cache: null };
  await host.value.machines.define(machineSpec({ disks: [{ ...disk, ...more }] }));
  await host.value.machines.start(machineSpec().uid);
  return uid;
}

describe('a volume in a pool of two hosts', () => {
  it('is made once, reached by both, and known to run on the other host', async () => {
    const { cloud, poolUid, files } = await sharedCloud();
    expect(files()).toHaveLength(1);
    const host = await runOnSecondHost(cloud, poolUid);
    await cloud.settle(400_000);
    const { status } = (await cloud.get('Volume', 'data')) ?? {};
    expect(status).toMatchObject({ attachedTo: { host, disk: 'root', running: true } });
    expect(status?.hosts).toHaveLength(2);
    await cloud.apply([data(3)]);
    await cloud.settle();
    expect(cloud.world.calls.filter(({ verb }) => verb === 'machines.resizeDisk')).toMatchObject([{ host: 'h2' }]);
  });

  it('is neither grown nor removed while the host that may run it is silent', async () => {
    const { cloud, poolUid, files } = await sharedCloud();
    await runOnSecondHost(cloud, poolUid);
    cloud.hand('h2').setUnreachable(true);
    const before = cloud.deeds().length;
    await cloud.apply([data(3)]);
    await cloud.settle(400_000);
    expect(await cloud.condition('Volume', 'data', 'Sized')).toMatchObject({ status: 'False', reason: 'TooSmall' });
    await cloud.remove(key);
    await cloud.settle(400_000);
    expect(cloud.deeds()).toHaveLength(before);
    expect(files()).toHaveLength(1);
    expect(await cloud.ready('Volume', 'data')).toBe('False PlaceSilent');
  });

  it('is listed whole or not at all, and reached through whichever host answers', async () => {
    const { cloud, poolUid, files } = await sharedCloud();
    const { ports } = cloud.engine;
    expect(await fileInventory(ports, poolUid, volumeUidOf)).toEqual([
      { uid: (await cloud.get('Volume', 'data'))?.metadata.uid, externalId: files()[0] },
    ]);
    cloud.hand('h1').setUnreachable(true);
    expect(await fileInventory(ports, poolUid, volumeUidOf)).toBe('silent');
    const asked = await askPool(ports, poolUid, (host) => host.volumes.sight({ poolUid }));
    expect(asked.answers).toHaveLength(1);
    expect(asked.silent).toMatchObject([{ code: 'Unreachable', message: expect.stringContaining('h1') }]);
    const create = { volume: { poolUid, name: 'x.raw' }, bytes: 1_048_576, format: 'raw' as const };
    expect(await throughPool(ports, poolUid, (host) => host.volumes.create(create))).toEqual({
      ok: true,
      value: undefined,
    });
    expect(files()).toContain('x.raw');
  });

  it('of a pool that no host reaches is silent, not gone', async () => {
    const { cloud } = await sharedCloud();
    const { ports } = cloud.engine;
    const asked = await askPool(ports, 'nowhere', (host) => host.volumes.sight({ poolUid: 'nowhere' }));
    expect(asked).toMatchObject({ answers: [], silent: [{ place: 'nowhere' }] });
    expect(await throughPool(ports, 'nowhere', (host) => host.volumes.sight({ poolUid: 'nowhere' }))).toMatchObject({
      error: { code: 'Unreachable' },
    });
  });
});

import { describe, expect, it } from '@jest/globals';
import { sweep } from '../reconciler/sweeper.ts';
import { createCloud, hostManifest, PROJECT, poolManifest } from '../test/fixtures/cloud.ts';
import { KINDS } from './registry.ts';

const OFFERING = { kind: 'ComputeOffering', metadata: { name: 'small' }, spec: { cpus: 1, memoryMiB: 128 } };
const NETWORK = { kind: 'Network', metadata: { name: 'lan' }, spec: { cidr: '10.9.1.0/24' } };
const MACHINE = {
  kind: 'VirtualMachine',
  metadata: { name: 'web' },
  spec: {
    offering: 'small',
    hostname: 'web',
    userData: '#cloud-config',
    disks: [{ name: 'root', sizeGiB: 1 }],
    nics: [{ name: 'eth0', network: 'lan' }],
  },
};

/** A world in which everything of a deleted machine came back, as late acts of a stalled instance would leave it. */
async function cloudWithLeftovers() {
  const cloud = createCloud();
  await cloud.apply([...PROJECT, hostManifest('one'), poolManifest('main', ['one']), OFFERING, NETWORK, MACHINE]);
  await cloud.settle();
  const before = structuredClone(cloud.world.state);
  const key = (kind: string, name: string) => ({ kind, project: 'default', name });
  await cloud.remove(key('VirtualMachine', 'web'), key('Network', 'lan'));
  await cloud.settle();
  Object.assign(cloud.world.state.hosts.one ?? {}, before.hosts.one);
  const objects = await Promise.all([cloud.get('Host', 'one'), cloud.get('StoragePool', 'main')]);
  const places = objects.flatMap((object) => (object ? [object.metadata.uid] : []));
  const run = (quarantineMs: number) =>
    sweep(
      KINDS,
      { ports: cloud.engine.ports, store: cloud.store, places, known: [] },
      { remove: true, quarantineMs, now: cloud.clock.now() },
    );
  return { cloud, run };
}

describe('leftovers of real kinds', () => {
  it('are found wherever they lie: machine, seed, network, disk', async () => {
    const { run } = await cloudWithLeftovers();
    const { orphans } = await run(1e9);
    expect(new Set(orphans.map(({ kind }) => kind))).toEqual(new Set(['VirtualMachine', 'Network', 'Volume']));
    expect(
      orphans.filter(({ kind }) => kind === 'VirtualMachine').some(({ externalId }) => externalId.startsWith('seed-')),
    ).toBe(true);
    expect(orphans.every(({ remembered }) => remembered)).toBe(true);
  });

  it('are stopped for their quarantine, and nothing is lost yet', async () => {
    const { cloud, run } = await cloudWithLeftovers();
    await run(1e9);
    expect(cloud.deeds().slice(-2).sort()).toEqual(['machines.destroy', 'networks.stop']);
  });

  it('are gone after it, and what is wished stays', async () => {
    const { cloud, run } = await cloudWithLeftovers();
    await run(1e9);
    await run(0);
    await run(0);
    const { orphans } = await run(0);
    expect(orphans).toEqual([]);
    await cloud.settle();
    expect(await cloud.ready('StoragePool', 'main')).toBe('True Ready');
  });
});

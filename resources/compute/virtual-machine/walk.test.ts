import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '../../../reconciler/json.ts';
import type { Cloud } from '../../../test/fixtures/cloud.ts';
import { applyAll, cloudWith, hostOf, machine, network, RESYNC_MS, uidOf, volume, WEB } from './machine.fixture.ts';

const RUNS = 20;
const name = (prefix: string) => fc.nat(2).map((index) => `${prefix}${index}`);

const disk = fc.oneof(
  name('own').map((own) => ({ name: own, sizeGiB: 3 })),
  fc.constant({ name: 'shared', volume: 'data' }),
);
const nic = fc.record({
  name: name('eth'),
  network: fc.constantFrom('lan', 'wan'),
  model: fc.constantFrom('virtio', 'e1000'),
});
const unique = { selector: (item: { name: string }) => item.name, maxLength: 3 };
const wish: fc.Arbitrary<JsonObject> = fc.record({
  cpus: fc.integer({ min: 1, max: 3 }),
  memoryMiB: fc.constantFrom(256, 512),
  maxCpus: fc.constantFrom(3, 4),
  runStrategy: fc.constantFrom('Always', 'Always', 'Halted', 'RerunOnFailure'),
  stopTimeoutSeconds: fc.constantFrom(0, 20),
  bootOrder: fc.constantFrom(['disk'], ['network', 'disk']),
  vnc: fc.boolean(),
  disks: fc.uniqueArray(disk, unique),
  nics: fc.uniqueArray(nic, unique),
  hostname: fc.constantFrom('alpha', 'beta'),
});

type Hand = ReturnType<Cloud['hand']>;
type Deed = (hand: Hand, at: { uid: string; lan: string; mac: string | undefined }) => void;
const DEEDS: Record<string, Deed> = {
  destroy: (hand, { uid }) => hand.destroy(uid),
  crash: (hand, { uid }) => hand.crash(uid),
  start: (hand, { uid }) => void hand.start(uid),
  undefine: (hand, { uid }) => hand.undefine(uid),
  detachDisk: (hand, { uid }) => hand.detachDisk(uid, 'own0'),
  detachNic: (hand, { uid, mac }) => mac !== undefined && hand.detachNic(uid, mac),
  edit: (hand, { uid }) => hand.edit(uid, { memoryMiB: 200, bootOrder: [], title: 'mine' }),
  stopNetwork: (hand, { lan }) => hand.stopNetwork(lan),
  dropReservations: (hand, { lan }) => hand.dropReservations(lan),
  restartHost: (hand) => hand.restartHost(),
};
const deeds = fc.array(fc.constantFrom(...Object.keys(DEEDS)), { maxLength: 4 });

async function house(first: JsonObject): Promise<Cloud> {
  return cloudWith(network('lan'), network('wan'), volume('data', { sizeGiB: 4 }), machine('web', first));
}

async function meddle(cloud: Cloud, names: readonly string[]): Promise<void> {
  for (const deed of names) {
    const uid = await uidOf(cloud, 'web');
    const found = hostOf(cloud).machines[uid];
    if (!found && deed !== 'restartHost') continue;
    const at = { uid, lan: await uidOf(cloud, 'lan', 'Network'), mac: found?.persistent?.nics[0]?.mac };
    DEEDS[deed]?.(cloud.hand('h1'), at);
  }
}

/** Settled, as wished, and quiet: from here on nothing is done any more. */
async function expectQuiet(cloud: Cloud): Promise<void> {
  await cloud.settle(RESYNC_MS);
  if ((await cloud.ready('VirtualMachine', 'web')) === 'False RestartRequired') {
    await cloud.request(WEB, 'restart', String(cloud.clock.now()));
    await cloud.settle(RESYNC_MS);
  }
  expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
  expect(Object.values(hostOf(cloud).machines).flatMap(({ unplugged }) => unplugged)).toEqual([]);
  const done = cloud.deeds().length;
  await cloud.settle(2 * RESYNC_MS);
  expect(cloud.deeds().slice(done)).toEqual([]);
}

/** Everything outside, but for what only tells one run from another. */
function outside(cloud: Cloud): unknown {
  const { machines, networks, folders } = hostOf(cloud);
  const definitions = Object.values(machines).map(({ persistent, live, unplugged }) => ({
    persistent,
    on: live !== null,
    unplugged,
  }));
  const sorted = definitions.map(({ persistent, ...rest }) => ({
    ...rest,
    persistent: persistent && { ...persistent, disks: byName(persistent.disks), nics: byName(persistent.nics) },
  }));
  const leases = Object.values(networks).map(({ reservations }) =>
    reservations.map(({ mac, ip, hostname }) => `${mac} ${ip} ${hostname}`).sort(),
  );
  return { sorted, leases, files: Object.keys(folders['/pools/main'] ?? {}).length };
}

function byName<T extends { name: string }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Volumes that are made anew have another uid: what counts is that there is one. */
function withoutUids(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replace(/0194[0-9a-f-]{32}/g, 'uid'));
}

describe('whatever is wished and whatever is done outside', () => {
  it('a machine becomes as wished, and then nothing is done any more', async () => {
    await fc.assert(
      fc.asyncProperty(wish, deeds, wish, deeds, async (first, before, second, after) => {
        const cloud = await house(first);
        await meddle(cloud, before);
        await applyAll(cloud, machine('web', second));
        await meddle(cloud, after);
        await expectQuiet(cloud);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);

  it('the way there leaves no mark: there and back is as never gone', async () => {
    await fc.assert(
      fc.asyncProperty(wish, wish, async (first, second) => {
        const cloud = await house(first);
        await expectQuiet(cloud);
        const before = outside(cloud);
        await applyAll(cloud, machine('web', second));
        await expectQuiet(cloud);
        await applyAll(cloud, machine('web', first));
        await expectQuiet(cloud);
        expect(withoutUids(outside(cloud))).toEqual(withoutUids(before));
      }),
      { numRuns: RUNS },
    );
  }, 120_000);

  it('it goes without a trace', async () => {
    await fc.assert(
      fc.asyncProperty(wish, deeds, async (first, before) => {
        const cloud = await house(first);
        await meddle(cloud, before);
        await cloud.remove(WEB);
        await cloud.settle(2 * RESYNC_MS);
        expect(await cloud.get('VirtualMachine', 'web')).toBeUndefined();
        expect(hostOf(cloud).machines).toEqual({});
        expect(Object.values(hostOf(cloud).networks).flatMap(({ reservations }) => reservations)).toEqual([]);
        expect(Object.keys(hostOf(cloud).folders['/pools/main'] ?? {})).toHaveLength(1);
        const used = (await cloud.store.capacity())
          .filter(({ resource }) => resource !== 'storageMiB')
          .map((row) => row.used);
        expect(used).toEqual([0, 0]);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);
});

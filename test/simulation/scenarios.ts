import { createOutsideHand } from '../../hypervisor/memory/outside.fixture.ts';
import type { ManifestInput } from '../../reconciler/admission/manifest.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import { imageUidOf } from '../../resources/storage/names.ts';
import { machineSpec } from '../fixtures/machine-spec.ts';
import { manifest } from './manifests.ts';
import { advance, type Run } from './simulation.ts';

/** A change that is carried out to its end, once for each point at which the process can end. */
export interface Scenario {
  name: string;
  /** What is there, and settled, before. */
  before: readonly ManifestInput[];
  change(run: Run): Promise<void>;
}

const key = (kind: string, name: string) => ({ kind, project: 'default', name });
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM6hFcxLIDDxphluw23eW7WONTu69nDGtoQs7tz0LFR0 admin';
const net = (name: string, spec: JsonObject = {}) =>
  manifest('Network', name, { cidr: `10.1.${name.slice(-1)}.0/24`, ...spec });
const volume = (spec: JsonObject = {}) => manifest('Volume', 'data', { sizeGiB: 2, pool: 'pool-h1', ...spec });
const image = manifest('Image', 'base', { source: { file: 'base.raw' }, format: 'raw' });
const secret = (text: string) => manifest('Secret', 'words', { data: { 'user-data': text } });

const web = (spec: JsonObject = {}) =>
  manifest('VirtualMachine', 'web', {
    cpus: 1,
    maxCpus: 4,
    memoryMiB: 256,
    maxMemoryMiB: 1024,
    stopTimeoutSeconds: 5,
    disks: [
      { name: 'root', sizeGiB: 1, image: 'base' },
      { name: 'data', volume: 'data' },
    ],
    nics: [{ name: 'eth0', network: 'net1' }],
    userDataFrom: { secret: 'words' },
    ...spec,
  });

const HOUSE = [
  net('net1'),
  net('net2'),
  volume(),
  image,
  secret('one'),
  manifest('SshKey', 'admin', { publicKey: KEY }),
];
const RUNNING = [...HOUSE, web()];

/** A snapshot, and a volume that starts from it. */
const KEPT = [
  manifest('VolumeSnapshot', 'then', { volume: 'data' }),
  manifest('Volume', 'copy', { snapshot: 'then', sizeGiB: 3 }),
];

export const SCENARIOS: readonly Scenario[] = [
  { name: 'create a machine with all it needs', before: [], change: ({ users }) => users.order(RUNNING) },
  { name: 'resize it', before: RUNNING, change: ({ users }) => users.order([web({ cpus: 2, memoryMiB: 512 })]) },
  { name: 'grow its disk', before: RUNNING, change: ({ users }) => users.order([volume({ sizeGiB: 4 })]) },
  {
    name: 'add a NIC and a disk',
    before: RUNNING,
    change: ({ users }) =>
      users.order([
        web({
          nics: [
            { name: 'eth0', network: 'net1' },
            { name: 'eth1', network: 'net2' },
          ],
          disks: [...(web().spec.disks as JsonObject[]), { name: 'extra', sizeGiB: 1 }],
        }),
      ]),
  },
  {
    name: 'take its NIC and its own disk away',
    before: RUNNING,
    change: ({ users }) => users.order([web({ nics: [], disks: [{ name: 'data', volume: 'data' }] })]),
  },
  {
    name: 'move its network to another domain',
    before: RUNNING,
    change: ({ users }) => users.order([net('net1', { domain: 'web.internal' })]),
  },
  { name: 'change the words in its seed, and restart it', before: RUNNING, change: restartWithNewSeed },
  {
    name: 'keep its disk as it is, and make another of that',
    before: RUNNING,
    change: ({ users }) => users.order(KEPT),
  },
  {
    name: 'keep a disk as it is, and delete the disk',
    before: HOUSE,
    change: async ({ users }) => {
      await users.order(KEPT);
      await users.delete(key('Volume', 'data'));
    },
  },
  { name: 'delete it', before: RUNNING, change: ({ users }) => users.delete(key('VirtualMachine', 'web')) },
  { name: 'delete everything at once', before: RUNNING, change: deleteEverything },
  { name: 'cancel in the middle of creating', before: HOUSE, change: cancelMidCreate },
  { name: 'delete and order the same name again', before: RUNNING, change: recreate },
  { name: 'repair what somebody undefined and stopped', before: RUNNING, change: meddle },
  { name: 'adopt a machine of somebody else', before: HOUSE, change: adopt },
];

async function restartWithNewSeed(run: Run): Promise<void> {
  await run.users.order([secret('two')]);
  run.poke();
  await advance(run, 20_000);
  await run.users.ask(key('VirtualMachine', 'web'), 'restart');
}

async function deleteEverything({ users }: Run): Promise<void> {
  await users.delete(...RUNNING.map(({ kind, metadata }) => key(kind, metadata.name)));
}

async function cancelMidCreate(run: Run): Promise<void> {
  await run.users.order([web()]);
  run.poke();
  await advance(run, 60);
  await run.users.delete(key('VirtualMachine', 'web'));
}

async function recreate(run: Run): Promise<void> {
  const { users, cluster } = run;
  await users.delete(key('VirtualMachine', 'web'));
  run.poke();
  for (let turn = 0; turn < 60; turn++) {
    const [old] = await cluster.store.getByKey([key('VirtualMachine', 'web')]);
    if (!old) break;
    await advance(run, 5_000);
  }
  await users.order([web({ cpus: 2 })]);
}

async function meddle(run: Run): Promise<void> {
  const { cluster } = run;
  const [machine] = await cluster.store.getByKey([key('VirtualMachine', 'web')]);
  const [network] = await cluster.store.getByKey([key('Network', 'net1')]);
  const hand = createOutsideHand(cluster.world, 'h1');
  hand.undefine(machine?.metadata.uid ?? '');

  hand.stopNetwork(network?.metadata.uid ?? '');
}

async function adopt(run: Run): Promise<void> {
  const foreign = 'f0000000-0000-4000-8000-000000000001';
  const hand = createOutsideHand(run.cluster.world, 'h1');
  hand.addForeignMachine(machineSpec({ uid: foreign, memoryMiB: 128, cpus: 1 }), 'running');
  const wish = manifest('VirtualMachine', 'web', { cpus: 1, memoryMiB: 128 });
  await run.users.order([{ ...wish, metadata: { ...wish.metadata, adopt: foreign } }]);
}

/**
 * Everything that people would call the state of things: no uid, address or time in it, since those may differ from run to run; nor copies of
 * images, which a pool keeps for the next who wants one.
 */
export function endState({ cluster }: Run): string[] {
  const { tables, world } = cluster;
  const names = new Map<string, string>();
  for (const object of tables.objects.all()) names.set(object.metadata.uid, `${object.kind}/${object.metadata.name}`);
  const wishes = [...tables.objects.all()].filter(({ kind }) => kind !== 'ImageCopy');
  const objects = wishes.map(({ kind, metadata, spec, status }) => {
    const ready = status.conditions.find(({ type }) => type === 'Ready');
    const allocated = Object.keys(status.allocated).sort();
    return { kind, name: metadata.name, spec, ready: [ready?.status, ready?.reason], allocated };
  });
  const things = Object.values(world.state.hosts).flatMap(({ machines, networks, pools, folders }) => [
    ...Object.values(machines).map(({ owner, persistent, live, power }) => ({ owner, persistent, live, power })),
    ...Object.values(networks).map(({ spec, active, reservations }) => ({ spec, active, reservations })),
    ...Object.values(pools),
    ...Object.values(folders).flatMap((folder) =>
      Object.values(folder)
        .filter(({ name }) => imageUidOf(name) === null)
        .map(({ name, capacityBytes, format }) => ({ name, capacityBytes, format })),
    ),
  ]);
  return [...objects, ...things].map((thing) => anonymous(JSON.stringify(thing, sorted), names)).sort();
}

function anonymous(text: string, names: ReadonlyMap<string, string>): string {
  return text
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (uid) => names.get(uid) ?? 'uid')
    .replaceAll(/52:54:00(:[0-9a-f]{2}){3}/g, 'mac')
    .replaceAll(/"10\.1\.(\d)\.\d+"/g, '"10.1.$1.ip"')
    .replaceAll(/stw[0-9a-z]{7}/g, 'bridge')
    .replaceAll(/-[0-9a-f]{8}\.iso/g, '-digest.iso');
}

function sorted(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

import { describe, expect, it } from '@jest/globals';
import type { ManifestInput } from '../../reconciler/admission/manifest.ts';
import { forecast } from '../../reconciler/forecast/forecast.ts';
import type { ObjectKey } from '../../reconciler/object.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { type Cloud, createCloud, hostManifest, PROJECT, poolManifest } from '../../test/fixtures/cloud.ts';
import { machineSpec } from '../../test/fixtures/machine-spec.ts';
import { mirrorPorts } from './mirror-ports.ts';

const network = { kind: 'Network', metadata: { name: 'web' }, spec: { cidr: '10.1.1.0/24', host: 'h1' } };
const data = { kind: 'Volume', metadata: { name: 'data' }, spec: { sizeGiB: 5, pool: 'p1' } };
const machine = (name: string, spec: ManifestInput['spec'] = {}): ManifestInput => ({
  kind: 'VirtualMachine',
  metadata: { name },
  spec: {
    cpus: 1,
    maxCpus: 2,
    memoryMiB: 512,
    disks: [{ name: 'root', sizeGiB: 4 }],
    nics: [{ name: 'eth0', network: 'web' }],
    ...spec,
  },
});
const web = (spec: ManifestInput['spec'] = {}) =>
  machine('web', {
    disks: [
      { name: 'root', sizeGiB: 4 },
      { name: 'data', volume: 'data' },
    ],
    ...spec,
  });
const HOUSE = [
  ...PROJECT,
  hostManifest('h1'),
  hostManifest('h2'),
  poolManifest('p1', ['h1']),
  poolManifest('p2', ['h2']),
];
const mine = (kind: string, name: string): ObjectKey => ({ kind, project: 'default', name });

async function running(...manifests: ManifestInput[]): Promise<Cloud> {
  const cloud = createCloud();
  expect(await cloud.apply([...HOUSE, network, ...manifests])).toMatchObject({ ok: true });
  await cloud.settle();
  return cloud;
}

async function foresee(cloud: Cloud, wish: { manifests?: ManifestInput[]; deletes?: ObjectKey[]; look?: ObjectKey[] }) {
  const before = JSON.stringify(cloud.world.state);
  const deeds = cloud.deeds().length;
  const outcome = await forecast({
    registry: REGISTRY,
    base: cloud.store,
    world: (clock, store) => mirrorPorts(cloud.engine.ports, { clock, store, installationId: 'test' }),
    ids: { uid: () => crypto.randomUUID() },
    sealer: cloud.admission.sealer,
    installationId: 'test',
    startMs: cloud.clock.now(),
    apply: {
      manifests: wish.manifests ?? [],
      principal: { actor: 'user:ben', onBehalfOf: null, from: 'test', requestId: 'r1' },
      source: 'api',
    },
    deletes: wish.deletes ?? [],
    look: wish.look ?? [],
  });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.issues));
  expect(JSON.stringify(cloud.world.state)).toBe(before);
  expect(cloud.deeds()).toHaveLength(deeds);
  return outcome.forecast;
}

/** Object and verb of every step that ran since, oldest first. */
async function stepsSince(cloud: Cloud, since: number) {
  const { items } = await cloud.store.steps({ limit: 200 });
  return items
    .slice(0, items.length - since)
    .map(({ row }) => `${row.kind}/${row.name} ${row.verb}`)
    .reverse();
}

const told = (steps: { key: ObjectKey; step: { verb: string } }[]) =>
  steps.map(({ key, step }) => `${key.kind}/${key.name} ${step.verb}`);

/** What the forecast shows is what then runs. Objects side by side may come in another order; each one's steps may not. */
async function expectPlanIsApply(
  cloud: Cloud,
  wish: { manifests?: ManifestInput[]; deletes?: ObjectKey[]; look?: ObjectKey[] },
) {
  const before = (await cloud.store.steps({ limit: 200 })).items.length;
  const foreseen = told((await foresee(cloud, wish)).steps);
  if (wish.manifests) await cloud.apply(wish.manifests);
  if (wish.deletes) await cloud.remove(...wish.deletes);
  await cloud.store.wake((await cloud.store.getByKey(wish.look ?? [])).flatMap((object) => object?.metadata.uid ?? []));
  await cloud.settle();
  const ran = await stepsSince(cloud, before);
  const of = (steps: string[], object: string) => steps.filter((text) => text.startsWith(`${object} `));
  for (const object of new Set([...foreseen, ...ran].map((text) => text.split(' ')[0] ?? ''))) {
    expect(of(foreseen, object)).toEqual(of(ran, object));
  }
  return foreseen;
}

describe('a forecast on a mirror of the hosts', () => {
  it('shows the whole chain of a new folder, which then runs', async () => {
    const cloud = createCloud();
    const foreseen = await expectPlanIsApply(cloud, { manifests: [...HOUSE, network, data, web()] });
    expect(foreseen).toEqual(
      expect.arrayContaining([
        'StoragePool/p1 ensure',
        'Network/web ensure',
        'Volume/data create',
        'VirtualMachine/web start',
      ]),
    );
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
  });

  it('shows the drift that the loops would repair, and nothing else', async () => {
    const cloud = await running(data, web(), machine('calm'));
    const vm = await cloud.get('VirtualMachine', 'web');
    const uid = vm?.metadata.uid ?? '';
    const host = String(vm?.status.allocated.hostName);
    cloud.hand(host).destroy(uid);
    cloud.hand(host).detachDisk(uid, 'data');
    const look = [
      mine('VirtualMachine', 'web'),
      mine('VirtualMachine', 'calm'),
      mine('Network', 'web'),
      mine('Volume', 'data'),
    ];
    const foreseen = await expectPlanIsApply(cloud, { look });
    expect(foreseen).toEqual(['VirtualMachine/web define', 'VirtualMachine/web start']);
  });

  it('shows what a change of one machine does, and what a deletion does', async () => {
    const cloud = await running(data, web());
    expect(await expectPlanIsApply(cloud, { manifests: [web({ cpus: 2 })] })).toContain('VirtualMachine/web setCpus');
    const deleted = await expectPlanIsApply(cloud, {
      deletes: [mine('VirtualMachine', 'web'), mine('Volume', 'data')],
    });
    expect(deleted).toEqual(expect.arrayContaining(['VirtualMachine/web destroy', 'Volume/data remove']));
  });

  it('leaves a host that does not answer silent, and what others made foreign', async () => {
    const cloud = await running(machine('one'), machine('two'));
    const one = await cloud.get('VirtualMachine', 'one');
    const host = String(one?.status.allocated.hostName);
    cloud.hand(host).addForeignMachine(machineSpec({ uid: 'somebody-elses' }), 'running');
    const hostUid = String(one?.status.allocated.host);
    const mirrored = mirrorPorts(cloud.engine.ports, {
      clock: cloud.clock,
      store: cloud.store,
      installationId: 'test',
    });
    const copy = await mirrored.hypervisors.at(hostUid);
    if (!copy.ok) throw new Error(copy.error.message);
    expect(await copy.value.machines.destroy('somebody-elses')).toMatchObject({ error: { code: 'NotOwned' } });
    cloud.hand(host).setUnreachable(true);
    const silent = mirrorPorts(cloud.engine.ports, { clock: cloud.clock, store: cloud.store, installationId: 'test' });
    expect(await silent.hypervisors.at(hostUid)).toMatchObject({ ok: false, error: { code: 'Unreachable' } });
    const seen = await foresee(cloud, { manifests: [machine('one', { cpus: 2 })] });
    expect(told(seen.steps)).toEqual([]);
    expect(seen.objects[0]?.end).toMatchObject({ ready: false, reason: 'PlaceSilent' });
  });
});

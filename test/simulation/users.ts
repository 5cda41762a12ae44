import { type Admission, applyManifests } from '../../reconciler/admission/apply.ts';
import { deleteObjects, overrideField, requestAction } from '../../reconciler/admission/change.ts';
import { type ManifestInput, manifestKey } from '../../reconciler/admission/manifest.ts';
import { keyText, type ObjectKey } from '../../reconciler/object.ts';
import type { Principal } from '../../reconciler/principal.ts';
import type { Cluster } from './cluster.ts';
import { changed } from './manifests.ts';
import type { Prng } from './prng.ts';

const BEN: Principal = { actor: 'user:ben', onBehalfOf: null, from: 'test', requestId: 'r1' };

/** People who order, change their minds, delete and order again, and push buttons. */
export interface Users {
  /** Orders all of it, or says why not. */
  order(manifests: readonly ManifestInput[]): Promise<void>;
  /** Does one thing that the seed chooses. */
  act(): Promise<void>;
  /** Ends what was meant for a time, and restarts what waits for it. */
  tidy(): Promise<void>;
  delete(...keys: ObjectKey[]): Promise<void>;
  ask(key: ObjectKey, name: string): Promise<void>;
}

type Op = (users: Desk) => Promise<void>;

interface Desk {
  cluster: Cluster;
  admission: Admission;
  prng: Prng;
  wishes: Map<string, ManifestInput>;
  /** Deleted, and to be ordered again with the same name. */
  again: Map<string, ManifestInput>;
  tokens: number;
}

const CHANGEABLE = ['VirtualMachine', 'Volume', 'Network', 'Secret', 'Host'];
const DELETABLE = [
  'VirtualMachine',
  'VirtualMachine',
  'Volume',
  'Network',
  'Image',
  'Source',
  'SshKey',
  'VolumeSnapshot',
];

export function createUsers(cluster: Cluster): Users {
  const { clock, registry, store, ids, sealer } = cluster;
  const prng = cluster.prng.fork('users');
  const wallClock = { ...clock, now: () => clock.now() + cluster.wallClockSkewMs };
  const environment = { clock: wallClock, ids, random: prng };
  const desk: Desk = {
    cluster,
    admission: { registry, store, environment, sealer },
    prng,
    wishes: new Map(),
    again: new Map(),
    tokens: 0,
  };
  const ops: readonly Op[] = [edit, edit, edit, remove, remove, recreate, recreate, request, override];
  return {
    order: async (manifests) => {
      const refusal = await apply(desk, manifests);
      if (refusal) throw new Error(`The first orders were refused: ${refusal}`);
    },
    act: () => prng.pick(ops)(desk),
    tidy: () => tidy(desk),
    delete: async (...keys) => {
      const outcome = await deleteObjects(desk.admission, { keys, principal: BEN });
      if (!outcome.ok) throw new Error(`The deletion was refused: ${outcome.issues[0]?.message}`);
    },
    ask: async (key, name) => {
      await requestAction(desk.admission, { keys: [key], principal: BEN, name, token: `t${++desk.tokens}` });
    },
  };
}

async function apply(desk: Desk, manifests: readonly ManifestInput[]): Promise<string | null> {
  const outcome = await applyManifests(desk.admission, {
    manifests,
    principal: BEN,
    source: 'api',
    allowedRisk: 'dataLoss',
  });
  if (!outcome.ok) return outcome.issues.map(({ path, message }) => `${path} ${message}`).join('; ');
  for (const wish of manifests) desk.wishes.set(keyText(manifestKey(desk.cluster.registry, wish)), wish);
  return null;
}

function keyOfWish({ cluster }: Desk, wish: ManifestInput): ObjectKey {
  return manifestKey(cluster.registry, wish);
}

function someWish({ wishes, prng }: Desk, kinds: readonly string[]): ManifestInput | undefined {
  const kind = prng.pick(kinds);
  return prng.some([...wishes.values()].filter((wish) => wish.kind === kind));
}

async function edit(desk: Desk): Promise<void> {
  const wish = someWish(desk, CHANGEABLE);
  if (!wish) return;
  const networks = [...desk.wishes.values()]
    .filter(({ kind }) => kind === 'Network')
    .map(({ metadata }) => metadata.name);
  const refusal = await apply(desk, [changed(wish, { prng: desk.prng, networks })]);
  desk.cluster.trace.note(`user edits ${wish.kind} ${wish.metadata.name}${refusal ? `: ${refusal}` : ''}`);
}

async function remove(desk: Desk): Promise<void> {
  const wish = someWish(desk, DELETABLE);
  if (!wish || wish.metadata.name === 'poison') return;
  const key = keyOfWish(desk, wish);
  const outcome = await deleteObjects(desk.admission, { keys: [key], principal: BEN });
  desk.cluster.trace.note(`user deletes ${keyText(key)}`);
  if (!outcome.ok) return;
  desk.wishes.delete(keyText(key));
  desk.again.set(keyText(key), wish);
}

/** The name is free once the old object is gone; until then it is tried in vain. */
async function recreate(desk: Desk): Promise<void> {
  const again = desk.prng.some([...desk.again]);
  if (!again) return remove(desk);
  const [text, wish] = again;
  const [old] = await desk.cluster.store.getByKey([keyOfWish(desk, wish)]);
  if (old) return;
  const refusal = await apply(desk, [wish]);
  desk.cluster.trace.note(`user orders ${text} again${refusal ? `: ${refusal}` : ''}`);
  if (!refusal) desk.again.delete(text);
}

async function request(desk: Desk): Promise<void> {
  const wish = someWish(desk, ['VirtualMachine']);
  if (!wish) return;
  const name = desk.prng.pick(['restart', 'reboot', 'reset', 'start', 'stop']);
  const token = `t${++desk.tokens}`;
  await requestAction(desk.admission, { keys: [keyOfWish(desk, wish)], principal: BEN, name, token });
  desk.cluster.trace.note(`user asks ${wish.metadata.name} to ${name}`);
}

async function override(desk: Desk): Promise<void> {
  const wish = someWish(desk, ['VirtualMachine', 'Volume']);
  if (!wish) return;
  const power = wish.kind === 'VirtualMachine' && desk.prng.chance(0.5);
  const value = power ? desk.prng.pick(['running', 'stopped']) : true;
  const until = desk.cluster.clock.now() + desk.prng.int(5, 60) * 1000;
  const name = power ? 'power' : 'paused';
  await overrideField(desk.admission, { keys: [keyOfWish(desk, wish)], principal: BEN, name, value, until });
  desk.cluster.trace.note(`user overrides ${name} of ${wish.metadata.name} with ${value}`);
}

async function tidy(desk: Desk): Promise<void> {
  const all = [...desk.cluster.tables.objects.all()];
  for (const object of all.filter(({ metadata }) => metadata.deletedAt === null)) {
    const { name, project } = object.metadata;
    const keys = [{ kind: object.kind, name, project }];
    for (const override of Object.keys(object.metadata.overrides)) {
      await overrideField(desk.admission, { keys, principal: BEN, name: override, value: undefined, until: null });
    }
    const ready = object.status.conditions.find(({ type }) => type === 'Ready');
    const asked = ready?.reason === 'RestartRequired' ? 'restart' : ready?.reason === 'DataLost' ? 'recreate' : null;
    if (asked === null) continue;
    const token = `t${++desk.tokens}`;
    await requestAction(desk.admission, { keys, principal: BEN, name: asked, token });
  }
}

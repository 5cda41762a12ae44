import { describe, expect, it } from '@jest/globals';
import { ANNA, createHouse, lamp, project } from '../../test/fixtures/house.ts';
import { createRoom } from '../../test/fixtures/lamp.ts';
import type { ManifestInput } from '../admission/manifest.ts';
import type { ObjectKey } from '../object.ts';
import type { Risk } from '../plan.ts';
import { forecast } from './forecast.ts';

type House = ReturnType<typeof createHouse>;

async function foresee(
  house: House,
  manifests: ManifestInput[],
  deletes: ObjectKey[] = [],
  look: ObjectKey[] = [],
  apply: { source?: string; allowedRisk?: Risk } = {},
) {
  return (await foreseeWithTime(house, { manifests, deletes, look, apply })).seen;
}

/** And how far its clock went. */
async function foreseeWithTime(
  house: House,
  {
    manifests = [],
    deletes = [],
    look = [],
    apply = {},
  }: {
    manifests?: ManifestInput[];
    deletes?: ObjectKey[];
    look?: ObjectKey[];
    apply?: { source?: string; allowedRisk?: Risk };
  },
) {
  const startMs = house.clock.now();
  let passedMs = () => 0;
  const { registry, environment, installationId } = house.engine;
  const outcome = await forecast({
    registry,
    base: house.store,
    world: (clock) => {
      passedMs = () => clock.now() - startMs;
      return { ...createRoom(), lamps: structuredClone(house.room.lamps) };
    },
    ids: environment.ids,
    sealer: house.admission.sealer,
    installationId,
    startMs,
    apply: { manifests, principal: ANNA, source: 'api', ...apply },
    deletes,
    look,
  });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.issues));
  return { seen: outcome.forecast, passedMs: passedMs() };
}

const verbs = (steps: { key: ObjectKey; step: { verb: string } }[]) =>
  steps.map(({ key, step }) => `${key.name} ${step.verb}`);

describe('a forecast', () => {
  it('shows the whole chain for a new folder, and leaves store and world alone', async () => {
    const house = createHouse();
    const seen = await foresee(house, [
      project,
      { kind: 'Socket', metadata: { name: 'wall' }, spec: {} },
      lamp('hall', { socket: 'wall', shades: ['left'] }),
    ]);
    expect(verbs(seen.steps)).toEqual(['hall light']);
    expect(seen.objects.map(({ key, change, end }) => [key.name, change, end.ready])).toEqual([
      ['default', 'created', true],
      ['wall', 'created', true],
      ['hall', 'created', true],
    ]);
    expect(house.room.calls).toEqual([]);
    expect(await house.get('Lamp', 'hall')).toBeUndefined();
  });

  it('is what apply then does', async () => {
    const house = createHouse();
    await house.apply([project, lamp('hall'), lamp('attic')]);
    await house.settle();
    const change = [lamp('hall', { colour: 'red' }), lamp('attic')];
    const seen = await foresee(house, change);
    expect(seen.objects.map(({ key, change: what, changes }) => [key.name, what, changes])).toEqual([
      ['hall', 'configured', [{ path: '/colour', from: 'white', to: 'red' }]],
      ['attic', 'unchanged', []],
    ]);
    house.room.calls.length = 0;
    await house.apply(change);
    await house.settle();
    expect(house.room.calls).toEqual(seen.steps.map(({ step }) => step.verb));
  });

  it('foresees a deletion to its end', async () => {
    const house = createHouse();
    await house.apply([project, lamp('hall', { shades: ['left'] })]);
    await house.settle();
    const seen = await foresee(house, [], [{ kind: 'Lamp', project: 'default', name: 'hall' }]);
    expect(verbs(seen.steps)).toEqual(['hall remove']);
    expect(seen.objects[0]?.end.gone).toBe(true);
  });

  it('says why something would wait', async () => {
    const house = createHouse();
    await house.apply([project, lamp('hall', { fragile: true })]);
    await house.settle();
    const seen = await foresee(house, [lamp('hall', { fragile: true, colour: 'red' })]);
    expect(seen.objects[0]?.end).toEqual({
      ready: false,
      gone: false,
      reason: 'ApprovalRequired',
      params: { verb: 'recolour', risk: 'replace' },
    });
  });

  it('finds drift: what the loops would repair now', async () => {
    const house = createHouse();
    await house.apply([project, lamp('hall'), lamp('attic')]);
    await house.settle();
    const [first] = house.room.lamps.keys();
    house.room.lamps.delete(first ?? '');
    const keys = ['hall', 'attic'].map((name) => ({ kind: 'Lamp', project: 'default', name }));
    const seen = await foresee(house, [], [], keys);
    expect(verbs(seen.steps)).toEqual(['hall light']);
  });

  it('lets no time pass where everything is settled, and does where something waits', async () => {
    const house = createHouse();
    await house.apply([project, lamp('hall', { fragile: true }), lamp('attic')]);
    await house.settle();
    const look = ['hall', 'attic'].map((name) => ({ kind: 'Lamp', project: 'default', name }));
    expect(await foreseeWithTime(house, { look })).toMatchObject({ seen: { steps: [], complete: true }, passedMs: 0 });
    const waiting = await foreseeWithTime(house, { manifests: [lamp('hall', { fragile: true, colour: 'red' })] });
    expect(waiting.passedMs).toBeGreaterThan(0);
  });

  it('refuses what applying would be refused for', async () => {
    const house = createHouse();
    await house.apply([project]);
    const { registry, environment, installationId } = house.engine;
    const outcome = await forecast({
      registry,
      base: house.store,
      world: () => createRoom(),
      ids: environment.ids,
      sealer: house.admission.sealer,
      reviews: {
        review: async (admitted) =>
          admitted.map(({ index, key }) => ({ index, key, path: '', code: 'Denied', message: 'is refused.' })),
      },
      installationId,
      startMs: house.clock.now(),
      apply: { manifests: [lamp('hall')], principal: ANNA, source: 'api' },
      deletes: [],
    });
    expect(outcome).toMatchObject({ ok: false, issues: [{ code: 'Denied', key: { name: 'hall' } }] });
  });

  it('brings over only what can change: neither what another source wishes alike nor what waits for no risk', async () => {
    const house = createHouse();
    const rest = Array.from({ length: 30 }, (_, i) => lamp(`rest-${i}`));
    await house.apply([project, lamp('hall', { fragile: true, colour: 'red' }), ...rest]);
    await house.settle();
    const blue = lamp('hall', { fragile: true, colour: 'blue' });
    await house.apply([blue]);
    await house.settle();
    const loaded = new Set<string>();
    const load: typeof house.store.load = (uids, ...more) => {
      for (const uid of uids) loaded.add(uid);
      return house.store.load(uids, ...more);
    };
    const watched = { ...house, store: { ...house.store, load } };
    const seen = await foresee(watched, [blue, ...rest], [], [], { source: 'git', allowedRisk: 'replace' });
    expect(verbs(seen.steps)).toEqual(['hall recolour']);
    expect(seen.objects.map(({ change }) => change)).toEqual(Array.from({ length: 31 }, () => 'configured'));
    expect(seen.objects.every(({ end }) => end.ready)).toBe(true);
    expect(seen.generations['Lamp/default/rest-7']).toBe(1);
    // The hall's lamp and its project.
    expect(loaded.size).toBe(2);
  });
});

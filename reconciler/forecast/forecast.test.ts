import { describe, expect, it } from '@jest/globals';
import { ANNA, createHouse, lamp, project } from '../../test/fixtures/house.ts';
import { createRoom } from '../../test/fixtures/lamp.ts';
import type { ManifestInput } from '../admission/manifest.ts';
import type { ObjectKey } from '../object.ts';
import { forecast } from './forecast.ts';

type House = ReturnType<typeof createHouse>;

async function foresee(house: House, manifests: ManifestInput[], deletes: ObjectKey[] = [], look: ObjectKey[] = []) {
  const { registry, environment, installationId } = house.engine;
  const outcome = await forecast({
    registry,
    base: house.store,
    world: () => ({ ...createRoom(), lamps: structuredClone(house.room.lamps) }),
    ids: environment.ids,
    sealer: house.admission.sealer,
    installationId,
    startMs: house.clock.now(),
    apply: { manifests, principal: ANNA, source: 'api' },
    deletes,
    look,
  });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.issues));
  return outcome.forecast;
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
});

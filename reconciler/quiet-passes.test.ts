import { describe, expect, it } from '@jest/globals';
import { ANNA, createHouse, lamp, project } from '../test/fixtures/house.ts';
import { LAMP_KINDS, LampKind } from '../test/fixtures/lamp.ts';
import { overrideField } from './admission/change.ts';
import { createQuietPasses, type QuietPass } from './quiet-passes.ts';
import { createRegistry } from './registry.ts';
import type { Claim } from './store.ts';

const HOUR_MS = 3_600_000;
const socket = (labels = {}) => ({ kind: 'Socket', metadata: { name: 'wall', labels }, spec: {} });

/** A lamp that burns and was looked at once more since; `plans` counts how often it is worked out what to do about it. */
async function burning(spec = {}, { readsClock = false } = {}) {
  const house = createHouse();
  const counted = { plans: 0 };
  const counting: typeof LampKind = {
    ...LampKind,
    plan: (input) => {
      counted.plans += readsClock && input.now === 0 ? 0 : 1;
      return LampKind.plan?.(input) ?? { steps: [] };
    },
  };
  house.engine.registry = createRegistry(LAMP_KINDS.map((kind) => (kind === LampKind ? counting : kind)));
  await house.apply([project, socket(), lamp('hall', spec)]);
  await house.settle(HOUR_MS);
  counted.plans = 0;
  return { ...house, counted };
}

describe('a pass that finds everything as it was', () => {
  it('does not work out again what to do, and looks again all the same', async () => {
    const { settle, counted, get } = await burning({ socket: 'wall', shades: ['left'] });
    const before = await get('Lamp', 'hall');
    await settle(HOUR_MS);
    expect(counted.plans).toBe(0);
    expect(await get('Lamp', 'hall')).toEqual(before);
  });

  it('heals what was changed outside', async () => {
    const { settle, counted, room } = await burning();
    room.lamps.clear();
    await settle(HOUR_MS);
    expect(counted.plans).toBeGreaterThan(0);
    expect(room.calls).toEqual(['light', 'light']);
  });

  it('says that a place went silent, and that it is back', async () => {
    const { settle, room, ready } = await burning();
    room.silent = 'Unreachable';
    await settle(400_000);
    expect(await ready('Lamp', 'hall')).toBe('False PlaceSilent');
    room.silent = null;
    await settle(400_000);
    expect(await ready('Lamp', 'hall')).toBe('True Ready');
  });

  it('follows a new wish', async () => {
    const { settle, apply, room } = await burning();
    await apply([lamp('hall', { colour: 'red' })]);
    await settle();
    expect(room.calls).toEqual(['light', 'recolour']);
  });

  it.each([
    ['what it refers to changes', { socket: 'wall' }, 'wall'],
    ['a child changes', { shades: ['left'] }, 'left'],
  ])('works it out anew when %s', async (_, spec, name) => {
    const { settle, admission, counted } = await burning(spec);
    const keys = [{ kind: 'Socket', project: 'default', name }];
    await overrideField(admission, { keys, principal: ANNA, name: 'paused', value: true, until: null });
    await settle(HOUR_MS);
    expect(counted.plans).toBeGreaterThan(0);
  });

  it('works it out anew after another process held the row', async () => {
    const { settle, claim, clock, store, counted, get } = await burning();
    const uid = (await get('Lamp', 'hall'))?.metadata.uid ?? '';
    await store.wake([uid]);
    await claim();
    clock.advanceTo(clock.now() + 60_000);
    await settle(HOUR_MS);
    expect(counted.plans).toBeGreaterThan(0);
  });

  it('works it out each time if that depends on the clock', async () => {
    const { settle, counted } = await burning({}, { readsClock: true });
    await settle(HOUR_MS);
    expect(counted.plans).toBeGreaterThan(5);
  });

  it('works it out anew when an override is over', async () => {
    const { settle, apply, admission, room, clock } = await burning();
    const until = clock.now() + HOUR_MS / 2;
    const keys = [{ kind: 'Lamp', project: 'default', name: 'hall' }];
    await overrideField(admission, { keys, principal: ANNA, name: 'paused', value: true, until });
    await apply([lamp('hall', { colour: 'red' })]);
    await settle(HOUR_MS / 4);
    expect(room.calls).toEqual(['light']);
    await settle(HOUR_MS / 2);
    expect(room.calls).toEqual(['light', 'recolour']);
  });
});

describe('what is remembered of passes', () => {
  const claim = (uid: string, epoch: number, more: Partial<Claim> = {}): Claim => {
    const times = { claimedAt: 0, leaseUntil: 1, takenOverFrom: null };
    return { uid, epoch, kind: 'Lamp', shard: 0, attempts: 0, ...times, ...more };
  };
  const pass = (epoch: number) => ({ epoch, lookups: [], refs: [], observed: null }) as unknown as QuietPass;

  it('is of use to the very next claim only, and not to one that was taken over', () => {
    const passes = createQuietPasses();
    passes.keep('a', pass(4));
    expect(passes.before(claim('a', 5))).toEqual(pass(4));
    expect(passes.before(claim('a', 6))).toBeNull();
    expect(passes.before(claim('a', 5, { takenOverFrom: 1 }))).toBeNull();
    passes.forget('a');
    expect(passes.before(claim('a', 5))).toBeNull();
  });

  it('is bounded: the oldest goes first', () => {
    const passes = createQuietPasses(4);
    for (let index = 0; index < 10; index++) passes.keep(`o${index}`, pass(1));
    const kept = Array.from({ length: 10 }, (_, index) => passes.before(claim(`o${index}`, 2)) !== null);
    expect(kept.filter(Boolean).length).toBeLessThanOrEqual(4);
    expect(kept.at(-1)).toBe(true);
    expect(kept[0]).toBe(false);
  });
});

import { describe, expect, it } from '@jest/globals';
import { createHouse, lamp, project, START } from '../test/fixtures/house.ts';
import { deleteObjects, overrideField, requestAction } from './admission/change.ts';
import { reason } from './json.ts';
import { reconcileOnce } from './reconcile.ts';
import { StoreUnavailable } from './store-unavailable.ts';

const ANNA = { actor: 'user:anna', onBehalfOf: null, from: 'test', requestId: 'r2' };
const hall = { kind: 'Lamp', project: 'default', name: 'hall' };

async function lit(spec = {}) {
  const house = createHouse();
  await house.apply([project, lamp('hall', spec)]);
  await house.settle();
  return house;
}

describe('one reconcile', () => {
  it('makes what is wished, looks again, and is ready; a second pass does nothing', async () => {
    const house = await lit({ colour: 'red' });
    expect([...house.room.lamps.values()]).toEqual([{ colour: 'red', blinks: 0, owned: true }]);
    expect(await house.ready('Lamp', 'hall')).toBe('True Ready');
    const before = await house.get('Lamp', 'hall');
    house.clock.advanceTo(START + 400_000);
    await house.pass();
    expect(house.room.calls).toEqual(['light']);
    expect(await house.get('Lamp', 'hall')).toEqual(before);
  });

  it('repairs what somebody changed outside', async () => {
    const house = await lit();
    house.room.lamps.clear();
    await house.settle(400_000);
    expect(house.room.calls).toEqual(['light', 'light']);
  });

  it('takes silence for silence: nothing is made, removed or forgotten', async () => {
    const house = await lit();
    house.room.silent = 'Unreachable';
    await deleteObjects(house.admission, { keys: [hall], principal: ANNA });
    await house.settle(120_000);
    expect(house.room.calls).toEqual(['light']);
    expect(await house.ready('Lamp', 'hall')).toBe('False PlaceSilent');
    house.room.silent = null;
    await house.settle();
    expect(house.room.lamps.size).toBe(0);
    expect(await house.get('Lamp', 'hall')).toBeUndefined();
  });

  it('holds a risky step back until the risk is allowed', async () => {
    const house = await lit({ fragile: true });
    await house.apply([lamp('hall', { fragile: true, colour: 'red' })]);
    await house.settle();
    expect(await house.ready('Lamp', 'hall')).toBe('False ApprovalRequired');
    await house.apply([lamp('hall', { fragile: true, colour: 'red' })], { allowedRisk: 'replace' });
    await house.settle();
    expect(house.room.calls).toEqual(['light', 'recolour']);
    expect(await house.ready('Lamp', 'hall')).toBe('True Ready');
  });

  it('carries a request out once', async () => {
    const house = await lit();
    await requestAction(house.admission, { keys: [hall], principal: ANNA, name: 'blink', token: 't1' });
    await house.settle(700_000);
    expect(house.room.calls).toEqual(['light', 'blink']);
    expect((await house.get('Lamp', 'hall'))?.status.requests).toEqual({ blink: 't1' });
  });

  it('waits for what it refers to, and goes on when that is there', async () => {
    const house = createHouse();
    await house.apply([
      project,
      { kind: 'Socket', metadata: { name: 'wall' }, spec: {} },
      lamp('hall', { socket: 'wall' }),
    ]);
    await house.settle();
    expect(await house.ready('Lamp', 'hall')).toBe('True Ready');
    await deleteObjects(house.admission, {
      keys: [{ kind: 'Socket', project: 'default', name: 'wall' }],
      principal: ANNA,
    });
    await house.settle();
    expect(await house.ready('Socket', 'wall')).toBe('False InUse');
    await deleteObjects(house.admission, { keys: [hall], principal: ANNA });
    await house.settle();
    expect(await house.get('Socket', 'wall')).toBeUndefined();
  });

  it('goes as soon as the last that held it has gone, without waiting for its next look', async () => {
    const house = createHouse();
    const socket = { kind: 'Socket', metadata: { name: 'wall' }, spec: {} };
    await house.apply([project, socket, lamp('hall', { socket: 'wall' })]);
    await house.settle();
    const wall = { kind: 'Socket', project: 'default', name: 'wall' };
    await deleteObjects(house.admission, { keys: [wall, hall], principal: ANNA });
    await house.settle(1_000);
    expect(await house.get('Lamp', 'hall')).toBeUndefined();
    expect(await house.get('Socket', 'wall')).toBeUndefined();
  });

  it('makes children, prunes those no longer planned, and goes only after them', async () => {
    const house = await lit({ shades: ['left', 'right'] });
    expect(await house.ready('Socket', 'left')).toBe('True Ready');
    await house.apply([lamp('hall', { shades: ['left'] })]);
    await house.settle();
    expect(await house.get('Socket', 'right')).toBeUndefined();
    await deleteObjects(house.admission, { keys: [hall], principal: ANNA });
    await house.settle();
    expect(await house.get('Socket', 'left')).toBeUndefined();
    expect(await house.get('Lamp', 'hall')).toBeUndefined();
  });
});

describe('when things go wrong', () => {
  it('backs off after a failure and says what failed', async () => {
    const house = createHouse();
    house.room.failures = [1, 2].map(() => ({ ok: false, retry: 'backoff', reason: reason('Sparks') }));
    await house.apply([project, lamp('hall')]);
    await house.settle(1_500);
    expect(await house.ready('Lamp', 'hall')).toBe('False Sparks');
    await house.settle(10_000);
    expect(await house.ready('Lamp', 'hall')).toBe('True Ready');
    expect(house.room.calls).toEqual(['light', 'light', 'light']);
  });

  it('does not retry what only a new spec can mend', async () => {
    const house = createHouse();
    house.room.failures = [{ ok: false, retry: 'never', reason: reason('WrongVoltage') }];
    await house.apply([project, lamp('hall')]);
    await house.settle(200_000);
    expect(house.room.calls).toEqual(['light']);
    const stalled = async () =>
      (await house.get('Lamp', 'hall'))?.status.conditions.some(({ type }) => type === 'Stalled');
    expect(await stalled()).toBe(true);
    await house.apply([lamp('hall', { colour: 'blue' })]);
    await house.settle();
    expect(await house.ready('Lamp', 'hall')).toBe('True Ready');
    expect(await stalled()).toBe(false);
  });

  it('never touches what it did not make', async () => {
    const house = createHouse();
    await house.apply([project, lamp('hall')]);
    const uid = (await house.get('Lamp', 'hall'))?.metadata.uid ?? '';
    house.room.lamps.set(uid, { colour: 'green', blinks: 0, owned: false });
    await house.settle();
    expect(await house.ready('Lamp', 'hall')).toBe('False NotOwned');
    await deleteObjects(house.admission, { keys: [hall], principal: ANNA });
    await house.settle();
    expect(house.room.calls).toEqual([]);
    expect(house.room.lamps.size).toBe(1);
  });

  it('while paused it observes and reports, and changes nothing', async () => {
    const house = await lit();
    await overrideField(house.admission, {
      keys: [hall],
      principal: ANNA,
      name: 'paused',
      value: true,
      until: START + 3_600_000,
    });
    house.room.lamps.clear();
    await house.settle(400_000);
    expect(house.room.calls).toEqual(['light']);
    expect(await house.ready('Lamp', 'hall')).toBe('False Dark');
    await house.settle(3_600_000);
    expect(house.room.calls).toEqual(['light', 'light']);
  });

  it('a store that does not answer is no fault of the object: nothing is said of it, and it comes due again', async () => {
    const house = await lit();
    await house.apply([lamp('hall', { colour: 'red' })]);
    const before = await house.get('Lamp', 'hall');
    const failures: unknown[] = [];
    const { resolve } = house.engine.store;
    house.engine.watcher.storeFailed = (error) => failures.push(error);
    house.engine.store.resolve = async () => Promise.reject(new StoreUnavailable(new Error('connect ECONNREFUSED')));
    await house.pass();
    expect(await house.get('Lamp', 'hall')).toEqual(before);
    expect([failures.length > 0, house.defects]).toEqual([true, []]);
    house.engine.store.resolve = resolve;
    await house.settle();
    expect(await house.ready('Lamp', 'hall')).toBe('True Ready');
  });

  it('a claim that was overtaken writes nothing', async () => {
    const house = createHouse();
    await house.apply([project, lamp('hall')]);
    const claims = await house.claim();
    house.clock.advanceTo(START + 31_000);
    const again = await house.claim();
    expect(again.length).toBe(claims.length);
    const late = claims.find((claim) => claim.kind === 'Lamp');
    if (!late) throw new Error('The lamp was not claimed.');
    await reconcileOnce(house.engine, late, new AbortController().signal);
    expect((await house.get('Lamp', 'hall'))?.status.observedGeneration).toBe(0);
  });

  it('after a takeover it only observes until the old acts have ended', async () => {
    const house = createHouse();
    await house.apply([project, lamp('hall')]);
    await house.claim();
    house.clock.advanceTo(START + 31_000);
    await house.pass();
    expect(house.room.calls).toEqual([]);
    expect(await house.ready('Lamp', 'hall')).toBe('False TakenOver');
    await house.settle();
    expect(house.room.calls).toEqual(['light']);
  });
});

describe('the journal', () => {
  it('has a row when a level changes, and only then', async () => {
    const house = await lit();
    await house.settle(1_000_000);
    const uid = (await house.get('Lamp', 'hall'))?.metadata.uid ?? '';
    await deleteObjects(house.admission, { keys: [hall], principal: ANNA });
    await house.settle();
    const rows = await house.store.journal({ uid, limit: 10 });
    expect(rows.items.map(({ row }) => row.level)).toEqual([0, 1]);
  });

  it('what is deleted waits until a call that had no answer can land no more, and takes away what landed', async () => {
    const house = createHouse();
    house.room.failures.push({ ok: false, reason: { code: 'TimedOut', params: {} }, retry: 'backoff' });
    await house.apply([project, lamp('hall')]);
    await house.pass();
    expect(house.room.calls).toEqual(['light']);
    const uid = (await house.get('Lamp', 'hall'))?.metadata.uid ?? '';
    await deleteObjects(house.admission, { keys: [hall], principal: ANNA });
    await house.pass();
    expect(await house.ready('Lamp', 'hall')).toBe('False TakenOver');
    house.room.lamps.set(uid, { colour: 'white', blinks: 0, owned: true });
    await house.settle();
    expect(await house.get('Lamp', 'hall')).toBeUndefined();
    expect(house.room.lamps.size).toBe(0);
  });

  it('after a takeover a wake does not end the wait', async () => {
    const house = createHouse();
    await house.apply([project, lamp('hall')]);
    await house.claim();
    house.clock.advanceTo(START + 31_000);
    await house.pass();
    const uid = (await house.get('Lamp', 'hall'))?.metadata.uid ?? '';
    await house.store.wake([uid]);
    await house.pass();
    expect(house.room.calls).toEqual([]);
    expect(await house.ready('Lamp', 'hall')).toBe('False TakenOver');
    await house.settle();
    expect(house.room.calls).toEqual(['light']);
  });

  it('a process that stood still starts no act on a lease that may have ended unheard', async () => {
    const house = createHouse();
    await house.apply([project, lamp('hall')]);
    const claim = (await house.claim()).find(({ kind }) => kind === 'Lamp');
    if (!claim) throw new Error('The lamp was not claimed.');
    await reconcileOnce(house.engine, claim, new AbortController().signal, () => false);
    expect(house.room.calls).toEqual([]);
  });

  it('a generation for which nothing could be held is not taken for seen', async () => {
    const house = await lit();
    await overrideField(house.admission, { keys: [hall], principal: ANNA, name: 'paused', value: true, until: null });
    await house.apply([lamp('hall', { colour: 'red' })]);
    await house.settle();
    expect((await house.get('Lamp', 'hall'))?.status.observedGeneration).toBe(1);
    await overrideField(house.admission, {
      keys: [hall],
      principal: ANNA,
      name: 'paused',
      value: undefined,
      until: null,
    });
    await house.settle();
    expect((await house.get('Lamp', 'hall'))?.status.observedGeneration).toBe(2);
    expect(house.room.calls).toEqual(['light', 'recolour']);
  });
});

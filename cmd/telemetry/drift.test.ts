import { describe, expect, it } from '@jest/globals';
import { requestAction } from '../../reconciler/admission/change.ts';
import { ANNA, createHouse, lamp, project } from '../../test/fixtures/house.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createWatcher } from './watcher.ts';

/** The production engine at work, seen through its figures. */
describe('drift in the metrics', () => {
  it('is none when a wish comes true for the first time or changes, whatever had to be waited for', async () => {
    const house = await watchedHouse();
    await house.apply([{ kind: 'Socket', metadata: { name: 'wall' }, spec: {} }, lamp('hall', { socket: 'wall' })]);
    house.room.silent = 'Unreachable';
    await house.pass();
    house.room.silent = null;
    await house.settle();
    await house.apply([lamp('hall', { socket: 'wall', colour: 'red' })]);
    await house.settle();
    expect(house.room.calls).toEqual(['light', 'recolour']);
    expect(await house.drift()).toEqual([]);
  });

  it('is none when somebody asked for an action', async () => {
    const house = await watchedHouse();
    await house.apply([lamp('hall')]);
    await house.settle();
    const key = { kind: 'Lamp', project: 'default', name: 'hall' };
    await requestAction(house.admission, { keys: [key], name: 'blink', token: 't1', principal: ANNA });
    await house.settle();
    expect(house.room.calls).toEqual(['light', 'blink']);
    expect(await house.drift()).toEqual([]);
  });

  it('is found and repaired when somebody meddles', async () => {
    const house = await watchedHouse();
    await house.apply([lamp('hall')]);
    await house.settle();
    house.room.lamps.clear();
    await house.settle(400_000);
    expect(await house.drift()).toEqual([
      'steward_drift_found_total{kind="Lamp"} 1',
      'steward_drift_repaired_total{kind="Lamp"} 1',
    ]);
  });
});

async function watchedHouse() {
  const house = createHouse();
  const metrics = createMetrics();
  const log = createLog({ level: 'silent', format: 'json', instance: 'one', write: () => undefined });
  house.engine.watcher = createWatcher({ log, metrics });
  await house.apply([project]);
  const drift = async () =>
    (await metrics.metricsText()).split('\n').filter((line) => /^steward_drift_\w+\{/.test(line));
  return { ...house, drift };
}

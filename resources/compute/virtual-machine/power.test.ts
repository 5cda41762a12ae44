import { describe, expect, it } from '@jest/globals';
import type { ScriptedFaults } from '../../../hypervisor/memory/faults.ts';
import { deleteObjects, overrideField, restoreObjects } from '../../../reconciler/admission/change.ts';
import type { Cloud } from '../../../test/fixtures/cloud.ts';
import { applyAll, cloudWith, deedsSince, machine, RESYNC_MS, seen, status, uidOf, WEB } from './machine.fixture.ts';

const BEN = { actor: 'user:ben', onBehalfOf: null, from: 'test', requestId: 'r2' };

async function started(strategy: string, spec = {}) {
  const cloud = await cloudWith(machine('web', { runStrategy: strategy, stopTimeoutSeconds: 30, ...spec }));
  return { cloud, uid: await uidOf(cloud, 'web'), hand: cloud.hand('h1'), mark: cloud.deeds().length };
}

const power = async (cloud: Cloud) => (await seen(cloud)).power;

describe('a run strategy', () => {
  it.each([
    ['Always', 'running'],
    ['RerunOnFailure', 'running'],
    ['Manual', 'off'],
    ['Halted', 'off'],
  ])('%s: a new machine is %s', async (strategy, wished) => {
    const { cloud } = await started(strategy);
    expect(await power(cloud)).toBe(wished);
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
  });

  it.each([
    ['Always', 'shutDownFromInside', 'running'],
    ['Always', 'crash', 'running'],
    ['Always', 'destroy', 'running'],
    ['RerunOnFailure', 'shutDownFromInside', 'off'],
    ['RerunOnFailure', 'crash', 'running'],
    ['RerunOnFailure', 'destroy', 'running'],
  ] as const)('%s: after %s it is %s', async (strategy, deed, wished) => {
    const { cloud, uid, hand } = await started(strategy);
    hand[deed](uid);
    await cloud.settle(2 * RESYNC_MS);
    expect(await power(cloud)).toBe(wished);
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('True Ready');
  });

  it('Manual: what somebody started outside goes on, what stopped stays off', async () => {
    const { cloud, uid, hand, mark } = await started('Manual');
    hand.start(uid);
    await cloud.settle(RESYNC_MS);
    expect(await power(cloud)).toBe('running');
    hand.crash(uid);
    await cloud.settle(RESYNC_MS);
    expect(deedsSince(cloud, mark)).toEqual([]);
  });

  it('Halted: what somebody started outside is stopped gently', async () => {
    const { cloud, uid, hand, mark } = await started('Halted');
    hand.start(uid);
    await cloud.settle(RESYNC_MS);
    expect(deedsSince(cloud, mark)).toEqual(['machines.shutdown']);
    expect(await power(cloud)).toBe('off');
  });

  it('RerunOnFailure: a start request runs it again after it has finished', async () => {
    const { cloud, uid, hand } = await started('RerunOnFailure');
    hand.shutDownFromInside(uid);
    await cloud.settle(RESYNC_MS);
    expect(await status(cloud)).toMatchObject({ finished: true });
    await cloud.request(WEB, 'start', 't1');
    await cloud.settle();
    expect(await power(cloud)).toBe('running');
    expect(await status(cloud)).toMatchObject({ finished: false, requests: { start: 't1' } });
  });
});

describe('stopping', () => {
  it('asks the guest once, and is done when it has gone', async () => {
    const { cloud, mark } = await started('Always');
    await applyAll(cloud, machine('web', { runStrategy: 'Halted', stopTimeoutSeconds: 30 }));
    expect(deedsSince(cloud, mark)).toEqual(['machines.shutdown']);
    expect(await status(cloud)).toMatchObject({ power: 'off', stoppingSince: null });
  });

  it('cuts the power of a guest that does not listen, not before its time', async () => {
    const { cloud, uid, hand, mark } = await started('Always');
    hand.ignorePowerButton(uid);
    await cloud.apply([machine('web', { runStrategy: 'Halted', stopTimeoutSeconds: 30 })]);
    await cloud.settle(29_000);
    expect(new Set(deedsSince(cloud, mark))).toEqual(new Set(['machines.shutdown']));
    expect(await cloud.condition('VirtualMachine', 'web')).toMatchObject({ status: 'False', reason: 'Stopping' });
    await cloud.settle(20_000);
    expect(deedsSince(cloud, mark).at(-1)).toBe('machines.destroy');
    expect(await power(cloud)).toBe('off');
  });

  it('presses the button again for a guest that was still booting', async () => {
    const { cloud, uid, hand, mark } = await started('Always');
    hand.ignorePowerButton(uid);
    await cloud.apply([machine('web', { runStrategy: 'Halted', stopTimeoutSeconds: 60 })]);
    await cloud.settle(10_000);
    hand.ignorePowerButton(uid, false);
    await cloud.settle(40_000);
    expect(deedsSince(cloud, mark)).toEqual(['machines.shutdown', 'machines.shutdown']);
    expect(await power(cloud)).toBe('off');
  });

  it('with no time to wait cuts the power at once', async () => {
    const { cloud, mark } = await started('Always');
    await applyAll(cloud, machine('web', { runStrategy: 'Halted', stopTimeoutSeconds: 0 }));
    expect(deedsSince(cloud, mark)).toEqual(['machines.destroy']);
  });

  it('during a grace period is gentle, and restoring starts it again', async () => {
    const { cloud, mark } = await started('Always');
    await deleteObjects(cloud.admission, { keys: [WEB], principal: BEN, graceSeconds: 3_600 });
    await cloud.settle(RESYNC_MS);
    expect(deedsSince(cloud, mark)).toEqual(['machines.shutdown']);
    expect(await cloud.ready('VirtualMachine', 'web')).toBe('False GracePeriod');
    await restoreObjects(cloud.admission, { keys: [WEB], principal: BEN });
    await cloud.settle();
    expect(deedsSince(cloud, mark)).toEqual(['machines.shutdown', 'machines.start']);
  });
});

describe('requests', () => {
  it('stop and start a Manual machine, once each', async () => {
    const { cloud, mark } = await started('Manual');
    await cloud.request(WEB, 'start', 't1');
    await cloud.settle();
    expect(await power(cloud)).toBe('running');
    await cloud.request(WEB, 'stop', 't2');
    await cloud.settle(RESYNC_MS);
    expect(await power(cloud)).toBe('off');
    expect(deedsSince(cloud, mark)).toEqual(['machines.start', 'machines.shutdown']);
    expect(await status(cloud)).toMatchObject({ requests: { start: 't1', stop: 't2' } });
  });

  it('are noted without effect where the strategy decides', async () => {
    const { cloud, mark } = await started('Always');
    await cloud.request(WEB, 'stop', 't1');
    await cloud.settle(RESYNC_MS);
    expect(deedsSince(cloud, mark)).toEqual([]);
    expect(await status(cloud)).toMatchObject({ requests: { stop: 't1' } });
    const steps = await cloud.store.steps({ uid: await uidOf(cloud, 'web'), limit: 10 });
    expect(steps.items[0]?.row).toMatchObject({ verb: 'acknowledge', why: { code: 'RequestHasNoEffect' } });
  });

  it('reboot and reset stay in the same run; restart begins another', async () => {
    const { cloud, mark } = await started('Always');
    const before = (await seen(cloud)).runId;
    await cloud.request(WEB, 'reboot', 't1');
    await cloud.request(WEB, 'reset', 't2');
    await cloud.settle();
    expect((await seen(cloud)).runId).toBe(before);
    await cloud.request(WEB, 'restart', 't3');
    await cloud.settle(RESYNC_MS);
    expect((await seen(cloud)).runId).not.toBe(before);
    expect(deedsSince(cloud, mark)).toEqual([
      'machines.reset',
      'machines.reboot',
      'machines.shutdown',
      'machines.start',
    ]);
    expect(await status(cloud)).toMatchObject({
      requests: { reboot: 't1', reset: 't2', restart: 't3' },
      restartedFrom: null,
    });
  });

  it('restart is not done twice when the reply of the start was lost', async () => {
    const { cloud, mark } = await started('Always');
    (cloud.world.faults as ScriptedFaults).next({ verb: 'machines.start' }, { kind: 'lostReply' });
    await cloud.request(WEB, 'restart', 't1');
    await cloud.settle(RESYNC_MS);
    expect(deedsSince(cloud, mark).filter((verb) => verb === 'machines.shutdown')).toHaveLength(1);
    expect(await status(cloud)).toMatchObject({ requests: { restart: 't1' } });
  });
});

describe('an override of power', () => {
  const override = (cloud: Cloud, value: string, until: number | null) =>
    overrideField(cloud.admission, { keys: [WEB], principal: BEN, name: 'power', value, until });

  it('keeps a machine stopped until its end, then the strategy counts again', async () => {
    const { cloud, mark } = await started('Always');
    await override(cloud, 'stopped', cloud.clock.now() + 600_000);
    await cloud.settle(300_000);
    expect(await power(cloud)).toBe('off');
    await cloud.settle(400_000);
    expect(await power(cloud)).toBe('running');
    expect(deedsSince(cloud, mark)).toEqual(['machines.shutdown', 'machines.start']);
  });

  it('keeps a halted machine running', async () => {
    const { cloud } = await started('Halted');
    await override(cloud, 'running', null);
    await cloud.settle();
    expect(await power(cloud)).toBe('running');
  });
});

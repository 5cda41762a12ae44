import { describe, expect, it } from '@jest/globals';
import { machine, oneHost } from './machine.fixture.ts';

async function withMachine(uid = 'm') {
  const scene = oneHost();
  const hypervisor = scene.connect();
  await hypervisor.machines.define(machine(uid));
  const power = async () => {
    const sight = await hypervisor.machines.sight([uid]);
    return sight.ok ? sight.value[0]?.power : sight.error.code;
  };
  return { ...scene, hypervisor, machines: hypervisor.machines, power };
}

describe('a call that meets a fault', () => {
  it('is refused without effect', async () => {
    const { faults, machines, power } = await withMachine();
    faults.next({ verb: 'machines.start' }, { kind: 'error', code: 'Busy' });
    expect(await machines.start('m')).toMatchObject({ ok: false, error: { code: 'Busy' } });
    expect(await power()).toBe('off');
    expect(await machines.start('m')).toEqual({ ok: true, value: undefined });
  });

  it('has its effect though the reply is lost', async () => {
    const { faults, machines, power } = await withMachine();
    faults.next({ verb: 'machines.start', uid: 'm' }, { kind: 'lostReply' });
    expect(await machines.start('m')).toMatchObject({ ok: false, error: { code: 'TimedOut' } });
    expect(await power()).toBe('running');
  });

  it('lands late, after its caller has given up', async () => {
    const { clock, faults, machines, power } = await withMachine();
    faults.next({ verb: 'machines.start' }, { kind: 'late', afterMs: 30_000 });
    const answer = machines.start('m', { timeoutMs: 1_000 });
    await clock.advance(1_000);
    expect(await answer).toMatchObject({ ok: false, error: { code: 'TimedOut' } });
    expect(await power()).toBe('off');
    await clock.advance(29_000);
    expect(await power()).toBe('running');
  });

  it('crashes its caller before or after the effect', async () => {
    const { faults, machines, power } = await withMachine();
    faults.crash({ verb: 'machines.start' }, 'before', new Error('crashed'));
    await expect(machines.start('m')).rejects.toThrow('crashed');
    expect(await power()).toBe('off');
    faults.crash({ verb: 'machines.start' }, 'after', new Error('crashed'));
    await expect(machines.start('m')).rejects.toThrow('crashed');
    expect(await power()).toBe('running');
  });

  it('is slow, and timed out without effect when it is slower than its deadline', async () => {
    const { clock, faults, machines, power } = await withMachine();
    faults.next({ verb: 'machines.start' }, { kind: 'slow', ms: 5_000 }, 2);
    const hasty = machines.start('m', { timeoutMs: 1_000 });
    await clock.advance(1_000);
    expect(await hasty).toMatchObject({ ok: false, error: { code: 'TimedOut' } });
    await clock.advance(10_000);
    expect(await power()).toBe('off');
    const patient = machines.start('m');
    await clock.advance(5_000);
    expect((await patient).ok).toBe(true);
  });

  it('is aborted while it waits', async () => {
    const { faults, machines, power } = await withMachine();
    faults.next({ verb: 'machines.start' }, { kind: 'slow', ms: 5_000 });
    const caller = new AbortController();
    const answer = machines.start('m', { signal: caller.signal });
    caller.abort();
    expect(await answer).toMatchObject({ ok: false, error: { code: 'Aborted' } });
    expect(await power()).toBe('off');
  });
});

describe('a host', () => {
  it('that does not answer answers nothing at all, never a part', async () => {
    const { outside, machines, hypervisor, power } = await withMachine();
    outside.setUnreachable(true);
    expect(await power()).toBe('Unreachable');
    expect(await machines.undefine('m')).toMatchObject({ ok: false, error: { code: 'Unreachable' } });
    expect(await hypervisor.networks.sight()).toMatchObject({ ok: false, error: { code: 'Unreachable' } });
    outside.setUnreachable(false);
    expect(await power()).toBe('off');
  });

  it('that loses power has lost every run', async () => {
    const { outside, machines, power } = await withMachine();
    await machines.start('m');
    outside.restartHost();
    expect(await power()).toBe('off');
  });

  it('tells who called what, when', async () => {
    const { clock, world, machines } = await withMachine();
    await clock.advance(500);
    await machines.start('m');
    expect(world.calls.at(-1)).toEqual({
      host: 'host-1',
      verb: 'machines.start',
      uid: 'm',
      at: clock.now(),
      changes: true,
    });
  });
});

describe('a hung guest', () => {
  it('costs one deadline, gets no further call, and can still be seen and destroyed', async () => {
    const { clock, outside, machines, hypervisor } = await withMachine();
    await machines.start('m');
    outside.hang('m');
    const first = machines.suspend('m', { timeoutMs: 2_000 });
    await clock.advance(2_000);
    expect(await first).toMatchObject({ ok: false, error: { code: 'Unresponsive' } });
    expect(await machines.stats('m')).toMatchObject({ ok: false, error: { code: 'Unresponsive' } });
    const sight = await hypervisor.machines.sight(['m']);
    expect(sight).toMatchObject({ ok: true, value: [{ power: 'running', unresponsive: true }] });
    await machines.destroy('m');
    await machines.start('m');
    expect(await hypervisor.machines.sight(['m'])).toMatchObject({
      value: [{ power: 'running', unresponsive: false }],
    });
  });

  it('does not follow its power button', async () => {
    const { clock, outside, machines, power } = await withMachine();
    outside.ignorePowerButton('m');
    await machines.start('m');
    await machines.shutdown('m');
    await clock.advance(60_000);
    expect(await power()).toBe('running');
  });
});

describe('hints', () => {
  it('get lost when the faults say so', async () => {
    const { faults, hypervisor, machines, clock } = await withMachine();
    const heard: (string | null)[] = [];
    hypervisor.onChange(({ uid }) => heard.push(uid));
    faults.dropHints(true);
    await machines.start('m');
    await clock.advance(0);
    expect(heard).toEqual([]);
    faults.dropHints(false);
    await machines.destroy('m');
    await clock.advance(0);
    expect(heard).toEqual(['m']);
  });
});

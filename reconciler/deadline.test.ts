import { describe, expect, it } from '@jest/globals';
import { withDeadline } from './deadline.ts';
import { createVirtualClock } from './forecast/virtual-clock.ts';

const never = () => new Promise<never>(() => undefined);
const turns = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

describe('a deadline', () => {
  it('gives what the work gives, and leaves no timer behind', async () => {
    const clock = createVirtualClock(0);
    expect(await withDeadline(clock, { deadlineMs: 100, outer: null }, async () => 'made')).toEqual({
      outcome: 'done',
      value: 'made',
    });
    expect(clock.nextWake()).toBeNull();
  });

  it('passes what the work throws on', async () => {
    const clock = createVirtualClock(0);
    await expect(
      withDeadline(clock, { deadlineMs: 100, outer: null }, () => Promise.reject(new Error('broken'))),
    ).rejects.toThrow('broken');
    expect(clock.nextWake()).toBeNull();
  });

  it('ends many works in the order of their deadlines, and aborts only those that are late', async () => {
    const clock = createVirtualClock(0);
    const signals: AbortSignal[] = [];
    const start = () =>
      withDeadline(clock, { deadlineMs: 100, outer: null }, (signal) => {
        signals.push(signal());
        return never();
      });
    const first = start();
    clock.advanceTo(50);
    const second = start();
    clock.advanceTo(100);
    expect(await first).toEqual({ outcome: 'timedOut' });
    expect(signals.map((signal) => signal.aborted)).toEqual([true, false]);
    await turns();
    clock.advanceTo(150);
    expect(await second).toEqual({ outcome: 'timedOut' });
    expect(clock.nextWake()).toBeNull();
  });

  it('ends at once when the lease is lost, before and during the work', async () => {
    const clock = createVirtualClock(0);
    const lease = new AbortController();
    const running = withDeadline(clock, { deadlineMs: 100, outer: lease.signal }, never);
    lease.abort();
    expect(await running).toEqual({ outcome: 'aborted' });
    expect(await withDeadline(clock, { deadlineMs: 100, outer: lease.signal }, never)).toEqual({ outcome: 'aborted' });
    expect(clock.nextWake()).toBeNull();
  });

  it('does not keep thousands of works that ended early until their time', async () => {
    const clock = createVirtualClock(0);
    const held = withDeadline(clock, { deadlineMs: 100, outer: null }, never);
    for (let i = 0; i < 5_000; i++) await withDeadline(clock, { deadlineMs: 100, outer: null }, async () => i);
    clock.advanceTo(100);
    expect(await held).toEqual({ outcome: 'timedOut' });
  });
});

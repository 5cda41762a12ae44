import { describe, expect, it } from '@jest/globals';
import { createEchoes } from './echoes.ts';
import { domainLifecycle } from './wire/flags.ts';

const { started, stopped } = domainLifecycle;

describe('echoes of our own acts', () => {
  it('are known once each, and only for the machine and event that were expected', () => {
    const echoes = createEchoes(() => 0);
    echoes.expect('a', [started]);
    expect([echoes.isEcho('b', started), echoes.isEcho('a', stopped)]).toEqual([false, false]);
    expect([echoes.isEcho('a', started), echoes.isEcho('a', started)]).toEqual([true, false]);
  });

  it('never swallow an outside change that comes at the same moment: one event is left over', () => {
    const echoes = createEchoes(() => 0);
    echoes.expect('a', [started]);
    const heard = [started, started].filter((event) => !echoes.isEcho('a', event));
    expect(heard).toHaveLength(1);
  });

  it('end after a while: what comes later is news', () => {
    let now = 0;
    const echoes = createEchoes(() => now);
    echoes.expect('a', [started]);
    now = 5_000;
    expect(echoes.isEcho('a', started)).toBe(false);
  });
});

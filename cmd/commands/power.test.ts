import { describe, expect, it } from '@jest/globals';
import { powerAct } from './power.ts';

describe('what start and stop mean', () => {
  it.each([
    ['stop', 'Always', { override: 'stopped' }],
    ['start', 'Always', { override: null }],
    ['start', 'Halted', { override: 'running' }],
    ['stop', 'Halted', { override: null }],
    ['start', 'Manual', { request: 'start' }],
    ['stop', 'RerunOnFailure', { request: 'stop' }],
  ] as const)('%s of a machine that is %s', (verb, runStrategy, act) =>
    expect(powerAct(verb, runStrategy, {})).toEqual(act),
  );

  it('and reboot, in its three strengths', () => {
    expect(powerAct('reboot', 'Always', {})).toEqual({ request: 'reboot' });
    expect(powerAct('reboot', 'Always', { reset: true })).toEqual({ request: 'reset' });
    expect(powerAct('reboot', 'Always', { restart: true })).toEqual({ request: 'restart' });
  });
});

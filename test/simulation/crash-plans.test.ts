import { describe, expect, it } from '@jest/globals';
import { type CrashPoint, carryOut, type PlanResult } from './crash-plans.ts';
import { SCENARIOS } from './scenarios.ts';

const TIMEOUT_MS = 2_400_000;

/** P4, P5: the process ends before or after every single effect of a change; what comes out is what comes out of an undisturbed run. */
describe('a process that ends at any point of', () => {
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    '"%s" leaves nothing behind and nothing undone',
    async (_name, scenario) => {
      const undisturbed = await carryOut(scenario, null);
      expect(undisturbed.violations).toEqual([]);
      expect(undisturbed.effects).toBeGreaterThan(2);
      for (let effect = 1; effect <= undisturbed.effects; effect++) {
        for (const side of ['before', 'after'] as const) {
          const crashed = await carryOut(scenario, { effect, side });
          expect(complaints({ effect, side }, crashed)).toEqual([]);
          expect(crashed.end).toEqual(undisturbed.end);
        }
      }
    },
    TIMEOUT_MS,
  );
});

function complaints(point: CrashPoint, { violations, trace }: PlanResult): string[] {
  return violations.map(
    (text) => `crash ${point.side} effect ${point.effect}: ${text}\n${trace.slice(-30).join('\n')}`,
  );
}

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { checkScenario } from './check.ts';
import { parseScenario, type Scenario } from './parse.ts';
import { printBooks } from './print.ts';
import { run } from './run.ts';

const folder = fileURLToPath(new URL('../scenarios', import.meta.url));
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .sort();

describe.each(files)('%s', (name) => {
  const document = parse(readFileSync(`${folder}/${name}`, 'utf8')) as { expect: Record<string, unknown> };
  const scenario = read(document);

  it('has the figures it expects', () => {
    const end = scenario.steps.at(-1)?.at ?? 0;
    expect(document.expect).toBeDefined();
    expect(printBooks(run(scenario), end)).toMatchObject(document.expect);
  });

  it('is the same twice, walked, jumped and shuffled, and its books balance', () => {
    expect(checkScenario(scenario)).toEqual([]);
  });
});

describe('a scenario with faults', () => {
  it('is refused whole, and every fault names its place and the remedy', () => {
    const read = parseScenario({
      currency: 'EUR',
      polcy: {},
      steps: [{ at: '2026-02-30', apply: [{ kind: 'RateCart', name: 'a' }], pay: { amount: '1.234' } }],
    });
    expect(read).toEqual({
      faults: [
        'scenario.polcy: no such field; there are timezone, currency, creditLimit, policy, steps, expect, about, documents',
        expect.stringContaining('scenario.steps[0].at: found "2026-02-30"; write a date'),
        expect.stringContaining('scenario.steps[0].apply[0].kind: found "RateCart"; write one of BillingPolicy,'),
        expect.stringContaining('scenario.steps[0].pay.amount: found "1.234"; write an amount of EUR'),
      ],
    });
  });
});

function read(document: unknown): Scenario {
  const result = parseScenario(document);
  if ('faults' in result) throw new Error(result.faults.join('\n'));
  return result.scenario;
}

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { explainLine } from '../billing/document/explain.ts';
import { checkScenario } from '../billing/scenario/check.ts';
import { parseScenario, type Scenario } from '../billing/scenario/parse.ts';
import { printBooks } from '../billing/scenario/print.ts';
import { run } from '../billing/scenario/run.ts';

/** `npm run -s simulate -- scenario.yaml [--check] [--explain INVOICE/LINE]` plays a scenario in memory and prints its documents. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: 'boolean', default: false }, explain: { type: 'string' } },
});
const [path] = positionals;
const result =
  path === undefined ? { faults: ['name a scenario file'] } : parseScenario(parse(readFileSync(path, 'utf8')));

if ('faults' in result) {
  for (const fault of result.faults) console.error(fault);
  process.exitCode = 2;
} else play(result.scenario);

function play(scenario: Scenario): void {
  const broken = values.check ? checkScenario(scenario) : [];
  const books = run(scenario);
  const shown =
    values.explain === undefined
      ? printBooks(books, scenario.steps.at(-1)?.at ?? 0)
      : (explainLine(books, values.explain) ?? `no invoice has a line ${values.explain}`);
  console.log(JSON.stringify(shown, null, 2));
  for (const promise of broken) console.error(promise);
  process.exitCode = broken.length === 0 ? 0 : 1;
}

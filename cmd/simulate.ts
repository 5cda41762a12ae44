import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { checkScenario } from '../billing/scenario/check.ts';
import { parseScenario } from '../billing/scenario/parse.ts';
import { printBooks } from '../billing/scenario/print.ts';
import { run } from '../billing/scenario/run.ts';

/** `npm run -s simulate -- scenario.yaml [--check]` plays a scenario in memory and prints its documents as JSON. */
const [path] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const result =
  path === undefined ? { faults: ['name a scenario file'] } : parseScenario(parse(readFileSync(path, 'utf8')));

if ('faults' in result) {
  for (const fault of result.faults) console.error(fault);
  process.exitCode = 2;
} else {
  const { scenario } = result;
  const broken = process.argv.includes('--check') ? checkScenario(scenario) : [];
  console.log(JSON.stringify(printBooks(run(scenario), scenario.steps.at(-1)?.at ?? 0), null, 2));
  for (const promise of broken) console.error(promise);
  process.exitCode = broken.length === 0 ? 0 : 1;
}

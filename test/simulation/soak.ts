import { FAULT_KINDS } from './faults.ts';
import { range, runSeeds } from './seeds.ts';

/** Many seeds, with figures: `npm run soak`, or `npm run soak -- 5000 100000` for 5,000 seeds from 100,000 on. */
const [count = '20000', from = '10000'] = process.argv.slice(2);
const first = Number(from);
const STEP = 500;
const startedAt = process.hrtime.bigint();
const totals = new Map(FAULT_KINDS.map((kind) => [kind, 0]));
let failed = 0;

for (let seed = first; seed < first + Number(count); seed += STEP) {
  const { failures, counts, runs } = await runSeeds(range(seed, Math.min(seed + STEP, first + Number(count)) - 1));
  for (const kind of FAULT_KINDS) totals.set(kind, (totals.get(kind) ?? 0) + counts[kind]);
  failed += failures.length;
  for (const failure of failures) process.stdout.write(`${failure}\n`);
  const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
  const done = seed - first + runs;
  process.stdout.write(`${done} of ${count} seeds, ${failed} failed, ${(done / seconds).toFixed(1)} a second\n`);
}

process.stdout.write('how often each fault happened:\n');
for (const [kind, times] of totals) process.stdout.write(`  ${String(times).padStart(8)} ${kind}\n`);
const never = FAULT_KINDS.filter((kind) => totals.get(kind) === 0);
if (never.length > 0) process.stdout.write(`never happened: ${never.join(', ')}\n`);
process.exitCode = failed > 0 || never.length > 0 ? 1 : 0;

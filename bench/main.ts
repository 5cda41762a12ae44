import { type Figure, figureLine, machineLine } from './figures.ts';

/** `npm run bench [name …]`: prints every figure with its limit. Ratios against a limit of the same run are what counts. */
const BENCHES: Record<string, () => Promise<{ run(): Promise<Figure[]> }>> = {
  converge: () => import('./converge.ts'),
  memory: () => import('./memory.ts'),
  'no-change': () => import('./no-change.ts'),
  apply: () => import('./apply.ts'),
  submit: () => import('./submit.ts'),
  real: () => import('./real.ts'),
  api: () => import('./api.ts'),
  store: () => import('./store.ts'),
  billing: () => import('./billing.ts'),
  hostile: () => import('./hostile.ts'),
  'hostile-bodies': () => import('./hostile-bodies.ts'),
};

const asked = process.argv.slice(2);
const names = asked.length > 0 ? asked : Object.keys(BENCHES);
const unknown = names.filter((name) => !(name in BENCHES));
if (unknown.length > 0) throw new Error(`No bench "${unknown[0]}". Known: ${Object.keys(BENCHES).join(', ')}.`);
console.log(machineLine());
let failed = false;
for (const name of names) {
  const start = performance.now();
  try {
    const figures = await (await BENCHES[name]?.())?.run();
    console.log(`\n${name} (${((performance.now() - start) / 1_000).toFixed(0)} s)`);
    for (const figure of figures ?? []) console.log(figureLine(figure));
  } catch (error) {
    failed = true;
    console.log(`\n${name} gave no figures`);
    console.error(error);
  }
}
process.exit(failed ? 1 : 0);

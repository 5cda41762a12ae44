import { type Figure, figureLine, machineLine } from './figures.ts';

/** `npm run bench [name …]`: prints every figure with its limit. Ratios against a limit of the same run are what counts. */
const BENCHES: Record<string, () => Promise<{ run(): Promise<Figure[]> }>> = {
  converge: () => import('./converge.ts'),
  store: () => import('./store.ts'),
  api: () => import('./api.ts'),
};

const asked = process.argv.slice(2);
const names = asked.length > 0 ? asked : Object.keys(BENCHES);
console.log(machineLine());
for (const name of names) {
  const load = BENCHES[name];
  if (!load) throw new Error(`No bench "${name}". Known: ${Object.keys(BENCHES).join(', ')}.`);
  console.log(`\n${name}`);
  for (const figure of await (await load()).run()) console.log(figureLine(figure));
}
process.exit(0);

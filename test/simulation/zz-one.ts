import { simulate } from '/work/main/test/simulation/simulation.ts';

const r = await simulate(Number(process.argv[2]));
const pat = new RegExp(process.argv[3] ?? '.');
for (const l of r.trace) if (pat.test(l)) console.log(l);

import { printFailure, simulate } from '/work/main/test/simulation/simulation.ts';

const from = Number(process.argv[2] ?? 1),
  to = Number(process.argv[3] ?? 20);

let failed = 0;
const codes = new Map<string, number[]>();
for (let seed = from; seed <= to; seed++) {
  const r = await simulate(seed);
  if (r.violations.length) {
    failed++;
    const c = (r.violations[0] ?? '')
      .replace(/[0-9a-f]{8}-[0-9a-f-]+/g, 'U')
      .replace(/\d+/g, '#')
      .slice(0, 130);
    codes.set(c, [...(codes.get(c) ?? []), seed]);
    if (process.argv[4]) console.log(printFailure(r), '\n', r.violations.slice(0, 10).join('\n'));
  }
}
for (const [c, s] of [...codes].sort((a, b) => b[1].length - a[1].length))
  console.log(s.length, s.slice(0, 5).join(','), c);
const cpu = process.cpuUsage();
console.log(failed, 'failed of', to - from + 1, (to - from + 1) / ((cpu.user + cpu.system) / 1e6), 'seeds/cpu-s');

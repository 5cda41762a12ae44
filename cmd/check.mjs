import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { installModules, repository, requireNode } from './install.mjs';

/** `npm run check`: what can be said about the code in seconds, without running it. Prints only what failed. */
requireNode();
installModules({ development: true });

const jest = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
const checks = [
  { name: 'types', args: ['node_modules/@typescript/native/bin/tsc', '-p', '.', '--noEmit'] },
  { name: 'lint and format', args: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'] },
  { name: 'dead code', args: ['node_modules/knip/bin/knip.js', '--no-progress'] },
  { name: 'tidy', args: [...jest, '--watchman=false', '--runInBand', 'test/tidy'] },
];

const waiting = [...checks];
const failures = [];
await Promise.all(Array.from({ length: Math.min(checks.length, availableParallelism()) }, work));
process.exitCode = failures.length === 0 ? 0 : 1;

async function work() {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    const began = process.hrtime.bigint();
    const { status, output } = await run(check.args);
    const seconds = (Number(process.hrtime.bigint() - began) / 1e9).toFixed(1);
    console.log(`${status === 0 ? 'ok    ' : 'failed'} ${check.name} (${seconds} s)`);
    if (status === 0) continue;
    failures.push(check.name);
    console.log(output.trimEnd());
  }
}

function run(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: repository, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.once('close', (status) => resolve({ status: status ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { installDebianPackages, installModules, repository, requireNode } from './install.mjs';

/**
 * `npm test`: installs what is missing and runs the tests; further arguments go to jest. Its last lines name what did
 * not run and why, and the very last one is `N passed, N failed`.
 */
requireNode();
installModules({ development: true });
installDebianPackages();

const notRun = process.env.STEWARD_NOT_RUN ?? join(repository, '.cache', 'not-run.txt');
const tally = join(repository, '.cache', `test-tally-${process.pid}.json`);
mkdirSync(dirname(tally), { recursive: true });
rmSync(notRun, { force: true });

const status = await runJest(process.argv.slice(2));
process.exitCode = report(status);

/** Resolves with jest's exit code. Interrupts reach jest, which is waited for, so that tests can clean up. */
function runJest(args) {
  const child = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--no-warnings=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      ...args,
      '--watchman=false',
      '--reporters=default',
      '--reporters=<rootDir>/test/reporter.mjs',
    ],
    { cwd: repository, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, STEWARD_TEST_TALLY: tally } },
  );
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/** Jest's own summary comes after every reporter, hence the last lines are printed here, once jest has ended. */
function report(status) {
  const counted = existsSync(tally) ? JSON.parse(readFileSync(tally, 'utf8')) : undefined;
  rmSync(tally, { force: true });
  const { passed, failed, skipped } = counted ?? { passed: 0, failed: 1, skipped: 0 };
  if (counted === undefined) console.log('\nThe tests ended before they were counted.');
  const lines = existsSync(notRun) ? [...new Set(readFileSync(notRun, 'utf8').split('\n').filter(Boolean))].sort() : [];
  if (lines.length > 0) console.log(`\nNot run on this machine:\n${lines.map((line) => `  ${line}`).join('\n')}`);
  if (skipped > 0) console.log(`\n${skipped} left out by the choice of tests`);
  console.log(`\n${passed} passed, ${failed} failed`);
  return status === 0 && failed > 0 ? 1 : status;
}

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';

const repository = fileURLToPath(new URL('..', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'steward-scripts-'));
afterAll(() => rmSync(temporary, { recursive: true }));

describe('every script', () => {
  it.each(['start', 'test', 'check'])('%s refuses an old Node with one line and a remedy', (script) => {
    const old = `data:text/javascript,${encodeURIComponent("Object.defineProperty(process.versions,'node',{value:'18.20.0'})")}`;
    const run = node(['--import', old, join(repository, `cmd/${script}.mjs`)], {});
    expect(run.stderr).toMatch(
      /^Steward needs Node 20\.19 or newer, and this is Node 18\.20\.0 .*Install a newer Node/,
    );
    expect(run.status).toBe(1);
  });
});

describe('npm test', () => {
  const notRun = join(temporary, 'not-run.txt');
  const tests = join(repository, '.cache', `scripts-test-${process.pid}`);
  afterAll(() => rmSync(tests, { recursive: true, force: true }));
  beforeEach(() => {
    rmSync(tests, { recursive: true, force: true });
    mkdirSync(tests, { recursive: true });
    write('good.fixture.ts', "it('holds', () => { expect(1).toBe(1); });");
  });

  it('ends with what passed and failed, and succeeds', () => {
    const run = testRun();
    expect(run.lines.at(-1)).toBe('1 passed, 0 failed');
    expect(run.status).toBe(0);
  });

  it('fails where a test fails, and counts a file that cannot be run', () => {
    write('bad.fixture.ts', "it('does not hold', () => { expect(1).toBe(2); });");
    write('broken.fixture.ts', "import './nowhere.ts';");
    const run = testRun();
    expect(run.lines.at(-1)).toBe('1 passed, 2 failed');
    expect(run.status).toBe(1);
  });

  it('says so where jest itself could not begin', () => {
    const run = testRun('--config', 'nowhere.json');
    expect(run.lines.slice(-2)).toEqual(['The tests ended before they were counted.', '0 passed, 1 failed']);
    expect(run.status).toBe(1);
  });

  it('names what did not run just before, and forgets the report of the run before', () => {
    const report = join(repository, 'test/fixtures/missing-part.fixture.ts');
    writeFileSync(notRun, 'an older line\n');
    const run = testRun('--runTestsByPath', report, '--testMatch', report);
    expect(run.lines.slice(-3)).toEqual([
      'Not run on this machine:',
      '  a story about git: git is missing (Debian package git)',
      '1 passed, 0 failed',
    ]);
  });

  it('runs the tests without a terminal or an input', () => {
    expect(readFileSync(join(repository, '.ci/run'), 'utf8')).toMatch(/<\/dev\/null[\s\S]*npm test\n$/);
  });

  function write(name: string, body: string): void {
    writeFileSync(join(tests, name), `import { expect, it } from '@jest/globals';\n${body}\n`);
  }

  function testRun(...args: string[]) {
    const own = args[0] === '--runTestsByPath' ? args : ['--testMatch', `${tests}/*.fixture.ts`, ...args];
    const environment = { PATH: join(temporary, 'empty'), STEWARD_NOT_RUN: notRun, CI: 'false' };
    const run = node([join(repository, 'cmd/test.mjs'), '--runInBand', ...own], environment);
    return { ...run, lines: run.stdout.split('\n').filter((line) => line !== '') };
  }
});

describe('a fresh clone', () => {
  const clone = join(temporary, 'clone');
  const bin = join(temporary, 'bin');

  beforeEach(() => {
    rmSync(clone, { recursive: true, force: true });
    for (const folder of ['cmd', 'node_modules']) mkdirSync(join(clone, folder), { recursive: true });
    for (const file of ['start.mjs', 'test.mjs', 'install.mjs', 'typescript.mjs']) {
      cpSync(join(repository, 'cmd', file), join(clone, 'cmd', file));
    }
    writeFileSync(join(clone, 'package.json'), '{"type":"module"}');
    writeFileSync(
      join(clone, 'cmd/main.ts'),
      "const asked: string = process.argv.slice(2).join(' ');\nconsole.log(asked);",
    );
    lock('package-lock.json', { '': {}, 'node_modules/tsx': { version: '1.0.0' }, ...unneeded });
    program('npm', 'echo "$@" > npm-was-called; exit 1');
  });

  const unneeded = {
    'node_modules/for-tests': { version: '2.0.0', dev: true },
    'node_modules/for-another-system': { version: '3.0.0', optional: true },
  };

  it('installs by npm ci, and says so when that fails', () => {
    rmSync(join(clone, 'node_modules'), { recursive: true });
    const run = start();
    expect(readFileSync(join(clone, 'npm-was-called'), 'utf8')).toMatch(/^ci /);
    expect(run.stderr).toContain('npm ci did not finish: exit code 1');
    expect(run.status).toBe(1);
  });

  it('is tested with what only tests need, also where NODE_ENV would have npm leave it out', () => {
    node([join(clone, 'cmd/test.mjs')], { PATH: bin + delimiter + process.env.PATH, NODE_ENV: 'production' });
    expect(readFileSync(join(clone, 'npm-was-called'), 'utf8')).toMatch(/^ci --include=dev /);
  });

  it('installs again when the lock names another version', () => {
    lock('node_modules/.package-lock.json', { 'node_modules/tsx': { version: '0.9.0' } });
    expect(start().stderr).toContain('1 are missing or outdated');
    expect(existsSync(join(clone, 'npm-was-called'))).toBe(true);
  });

  it('that is installed starts at once, hands its arguments on, and needs nothing that only tests need', () => {
    lock('node_modules/.package-lock.json', { 'node_modules/tsx': { version: '1.0.0' } });
    for (const name of ['tsx', 'esbuild', '@esbuild', 'get-tsconfig', 'resolve-pkg-maps']) {
      const installed = join(repository, 'node_modules', name);
      if (existsSync(installed)) symlinkSync(installed, join(clone, 'node_modules', name));
    }
    const run = start('--port', '8470');
    expect(run.stdout).toBe('serve --quick-start --port 8470\n');
    expect(existsSync(join(clone, 'npm-was-called'))).toBe(false);
  });

  function start(...args: string[]) {
    return node([join(clone, 'cmd/start.mjs'), ...args], { PATH: bin + delimiter + process.env.PATH });
  }

  function lock(file: string, packages: Record<string, object>): void {
    mkdirSync(join(clone, 'node_modules'), { recursive: true });
    writeFileSync(join(clone, file), JSON.stringify({ packages }));
  }

  function program(name: string, script: string): void {
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
});

function node(args: string[], env: Record<string, string>) {
  const run = spawnSync(process.execPath, args, {
    cwd: repository,
    env: { PATH: process.env.PATH ?? '', ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}

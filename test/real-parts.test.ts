import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { describeReal, labParts, missingParts, realParts } from './real-parts.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const packages: { package: string; why: string }[] = JSON.parse(
  readFileSync(join(repository, 'test/debian-packages.json'), 'utf8'),
);

describe('the real parts of a machine', () => {
  it('come from packages that npm test installs', () => {
    const wanted = Object.values(realParts).flatMap((part) => ('package' in part ? [part.package] : []));
    expect(packages.map((entry) => entry.package)).toEqual(expect.arrayContaining(wanted));
  });

  it('are listed once, with a reason', () => {
    expect(new Set(packages.map((entry) => entry.package)).size).toBe(packages.length);
    expect(packages.filter((entry) => entry.why.length < 10)).toEqual([]);
  });
});

describe('a test whose part is missing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'steward-not-run-'));
  const report = join(folder, 'report', 'not-run.txt');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('fails in CI, naming the part and its package', () => {
    const { status, output } = runWithoutGit({ CI: 'true' });
    expect(output).toContain('git is missing and CI=true allows no gaps. Remedy: Debian package git.');
    expect(status).toBe(1);
    expect(existsSync(report)).toBe(false);
  });

  it('is named in the not-run report elsewhere', () => {
    const { status, output } = runWithoutGit({ CI: 'false' });
    expect(output).toContain('is named as not run, since git is missing');
    expect(status).toBe(0);
    expect(readFileSync(report, 'utf8')).toBe('a story about git: git is missing (Debian package git)\n');
  });

  function runWithoutGit(env: Record<string, string>): { status: number | null; output: string } {
    const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
    const only = ['--runInBand', '--watchman=false', '--testMatch', '**/missing-part.fixture.ts'];
    const run = spawnSync(process.execPath, [...jest, ...only], {
      cwd: repository,
      env: { PATH: folder, STEWARD_NOT_RUN: report, ...env },
      encoding: 'utf8',
      timeout: 60_000,
    });
    return { status: run.status, output: run.stderr + run.stdout };
  }
});

describeReal('the lab', labParts, () => {
  it('has everything it needs here', () => {
    expect(missingParts(labParts)).toEqual([]);
  });
});

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const repository = fileURLToPath(new URL('..', import.meta.url));

describe('generated files', () => {
  it('are what "npm run generate" would write now, and no other file lies between them', () => {
    const run = spawnSync(process.execPath, ['--import', 'tsx', 'cmd/generate.ts', '--check'], {
      cwd: repository,
      encoding: 'utf8',
      timeout: 120_000,
    });
    expect(run.stdout + run.stderr).toBe('');
    expect(run.status).toBe(0);
  }, 130_000);
});

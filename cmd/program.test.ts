import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { EXIT } from './exit-codes.ts';
import { steward } from './fixtures/running.ts';
import { type Io, paintOf } from './io.ts';
import { createProgram } from './program.ts';

// Every line of the last stories starts a process.
jest.setTimeout(60_000);

const DOCS = readFileSync(join(import.meta.dirname, '..', 'docs', 'cli.md'), 'utf8');
const io: Io = {
  out: () => {},
  err: () => {},
  readAll: async () => '',
  isTerminal: false,
  columns: 80,
  paint: paintOf(false),
  env: {},
  cwd: '/',
  now: () => 0,
  sleep: async () => {},
  signal: new AbortController().signal,
};
const program = () => createProgram(io, (at) => void at.command('serve'));

describe('docs/cli.md', () => {
  it('names every command', () => {
    const names = program()
      .commands.map((command) => command.name())
      .filter((name) => name !== 'complete');
    expect(names.filter((name) => !new RegExp(`^\\| .*\`${name}\\b`, 'm').test(DOCS))).toEqual([]);
  });

  it('names every exit code, and no other', () => {
    const table = DOCS.slice(DOCS.indexOf('## Exit codes'));
    const documented = [...table.matchAll(/^\| (\d+) \|/gm)].map((match) => Number(match[1]));
    expect(documented).toEqual(Object.values(EXIT));
  });
});

describe('the command line', () => {
  it('prints completion scripts, and completes commands and kinds', async () => {
    const script = await steward(['completion', 'bash'], { cwd: '/' });
    expect(script).toMatchObject({ code: EXIT.ok, out: expect.stringContaining('steward') });
    const commands = await steward(['complete', '--', 'des'], { cwd: '/' });
    expect(commands.out).toContain('describe');
    const kinds = await steward(['complete', '--', 'get', ''], { cwd: '/' });
    expect(kinds.out).toContain('vm\t');
  });

  it('needs no server for what needs none', async () => {
    expect(await steward(['explain', 'vm.spec.disks'], { cwd: '/' })).toMatchObject({
      code: EXIT.ok,
      out: expect.stringContaining('sizeGiB'),
    });
    expect(await steward(['explain', 'vm.spec.diskz'], { cwd: '/' })).toMatchObject({
      code: EXIT.usage,
      err: expect.stringContaining('did you mean "disks"'),
    });
    expect(await steward(['version', '--client'], { cwd: '/' })).toMatchObject({ code: EXIT.ok });
    expect(await steward(['get'], { cwd: '/' })).toMatchObject({ code: EXIT.usage });
    expect(await steward(['--help'], { cwd: '/' })).toMatchObject({ code: EXIT.ok });
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { EXIT } from './exit-codes.ts';
import { steward } from './fixtures/running.ts';
import { type Io, paintOf } from './io.ts';
import { createProgram } from './program.ts';

// Every line of the last stories starts a process.
jest.setTimeout(180_000);

const DOCS = readFileSync(join(import.meta.dirname, '..', 'docs', 'cli.md'), 'utf8');
const io: Io = {
  out: () => {},
  err: () => {},
  progress: () => {},
  readAll: async () => '',
  isTerminal: false,
  columns: 80,
  paint: paintOf(false),
  errPaint: paintOf(false),
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

  it.each([
    [['get', 'vm', '--watch'], 'steward watch'],
    [['get', 'vm', '-n', 'shop'], '-p NAME'],
    [['apply', '-R', '-f', '.'], 'leave it out'],
    [['apply', '-f', '.', '--dry-run=server'], '--dry-run alone'],
    [['plan', '--out=x'], 'apply --plan ID'],
    [['apply', '-auto-approve'], 'Nothing is asked'],
    [['apply', 'a.yaml'], 'named with -f'],
    [['logs', 'vm/web'], 'steward events'],
    [['wait', 'vm/web', '--for', 'jsonpath={.status}'], 'Write ready, gone, or a condition such as Powered=False.'],
    [['validate', 'nowhere.yaml'], 'There is no file or folder nowhere.yaml.'],
  ])('says to who writes %j what is meant here', async (words, remedy) => {
    expect(await steward(words, { cwd: '/' })).toMatchObject({
      code: EXIT.usage,
      err: expect.stringContaining(remedy),
    });
  });

  it('reads what a pipe brings, as stdin and by its name', async () => {
    const zone = 'kind: Zone\nmetadata: {name: a}\n';
    const valid = { code: EXIT.ok, out: '1 manifest in 1 file: valid.\n' };
    expect(await steward(['validate', '-'], { cwd: '/', input: zone })).toMatchObject(valid);
    const folder = mkdtempSync(join(tmpdir(), 'steward-pipe-'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const [piped] = await Promise.all([
      steward(['validate', 'pipe'], { cwd: folder }),
      writeFile(join(folder, 'pipe'), zone),
    ]);
    rmSync(folder, { recursive: true });
    expect(piped).toMatchObject(valid);
    expect(await steward(['validate', '/dev/null'], { cwd: '/' })).toMatchObject({
      code: EXIT.usage,
      err: expect.stringContaining('there is nothing in it to apply'),
    });
  });
});

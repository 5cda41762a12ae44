import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testClock } from './fixtures/clock.ts';
import { createGitSource, type GitOptions } from './git.ts';
import { gitEnvironment } from './git-environment.ts';
import { gitLocationError } from './git-location.ts';

let scratch: string;
let remote: string;
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
    cwd: remote,
    encoding: 'utf8',
  }).trim();
const commit = (file: string, text: string) => {
  mkdirSync(join(remote, file, '..'), { recursive: true });
  writeFileSync(join(remote, file), text);
  git('add', '-A');
  git('commit', '-qm', file);
  return git('rev-parse', 'HEAD');
};
/** A folder has no host, so nobody asks. */
const addressOf: GitOptions['addressOf'] = async (host) => ({
  ok: false,
  error: { code: 'Invalid', message: `${host} is none of the public Internet` },
});
const source = (more: Partial<GitOptions> = {}) =>
  createGitSource({ cacheFolder: join(scratch, 'cache'), clock: testClock, addressOf, schemes: ['file'], ...more });
const at = (branch = 'main', path = '') => ({ location: { url: `file://${remote}`, branch, path }, credentials: null });
const filesOf = async ({ folder }: { folder: string }) =>
  readdirSync(folder)
    .filter((name) => name !== '.git')
    .sort();

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'steward-git-'));
  remote = join(scratch, 'remote');
  mkdirSync(remote);
  git('init', '-q', '-b', 'main');
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('a Git source', () => {
  it('knows the commit of a branch without fetching, then brings its files, then its next ones', async () => {
    const first = commit('prod/web.yaml', 'one');
    expect(await source().commit(at())).toEqual({ ok: true, value: first });
    const seen = await source().checkout(at('main', 'prod'), async (c) => [
      c.commit,
      readFileSync(join(c.folder, 'web.yaml'), 'utf8'),
    ]);
    expect(seen).toEqual({ ok: true, value: [first, 'one'] });
    const second = commit('prod/web.yaml', 'two');
    git('rm', '-q', '--cached', 'prod/web.yaml');
    const again = await source().checkout(at('main', 'prod'), async (c) => [
      c.commit,
      readFileSync(join(c.folder, 'web.yaml'), 'utf8'),
    ]);
    expect(again).toEqual({ ok: true, value: [second, 'two'] });
    git('reset', '-q', '--hard', 'HEAD');
  });

  it('follows a branch whose history was rewritten, and drops files that are gone', async () => {
    git('checkout', '-q', '-b', 'moving');
    commit('a.yaml', 'x');
    expect(await source().checkout(at('moving'), filesOf)).toEqual({ ok: true, value: ['a.yaml', 'prod'] });
    git('checkout', '-q', '--orphan', 'fresh');
    git('rm', '-rfq', '.');
    commit('b.yaml', 'y');
    git('branch', '-qM', 'moving');
    git('checkout', '-q', 'main');
    expect(await source().checkout(at('moving'), filesOf)).toEqual({ ok: true, value: ['b.yaml'] });
  });

  it('runs readers of one branch one after the other', async () => {
    const shared = source();
    let inside = 0;
    const read = () =>
      shared.checkout(at(), async () => {
        expect(++inside).toBe(1);
        await testClock.sleep(20);
        inside--;
      });
    expect((await Promise.all([read(), read(), read()])).every((r) => r.ok)).toBe(true);
  });

  it('says what is missing: branch, folder, repository', async () => {
    expect(await source().commit(at('nope'))).toMatchObject({
      ok: false,
      error: { code: 'NotFound', message: 'the repository has no branch "nope"' },
    });
    expect(await source().checkout(at('nope'), filesOf)).toMatchObject({ ok: false, error: { code: 'NotFound' } });
    expect(await source().checkout(at('main', 'dev'), filesOf)).toMatchObject({
      ok: false,
      error: { code: 'NotFound', message: 'the branch has no folder "dev"' },
    });
    const gone = { ...at(), location: { url: `file://${scratch}/gone`, branch: 'main', path: '' } };
    expect(await source().commit(gone)).toMatchObject({ ok: false, error: { code: 'NotFound' } });
  });

  it('refuses a folder that is a link out of the repository', async () => {
    symlinkSync('/etc', join(remote, 'etc'));
    git('add', '-A');
    git('commit', '-qm', 'link');
    expect(await source().checkout(at('main', 'etc'), filesOf)).toMatchObject({
      ok: false,
      error: { code: 'Invalid' },
    });
  });

  it('runs no hook and no filter of a repository, and clones no submodule', async () => {
    writeFileSync(join(remote, '.gitattributes'), '* filter=evil\n');
    writeFileSync(join(remote, '.gitmodules'), `[submodule "s"]\n\tpath = s\n\turl = file://${remote}\n`);
    const marker = join(scratch, 'ran');
    commit('hooks/post-checkout', `#!/bin/sh\ntouch ${marker}\n`);
    expect(await source().checkout(at(), filesOf)).toMatchObject({ ok: true });
    expect(existsSync(marker)).toBe(false);
  });

  it('gives up what grows too large and what takes too long, and starts afresh afterwards', async () => {
    commit('big.yaml', Array.from({ length: 60_000 }, () => Math.random().toString(36)).join('\n'));
    const small = source({ maxBytes: 1000, clock: { ...testClock, sleep: async () => {} } });
    expect(await small.checkout(at(), filesOf)).toMatchObject({ ok: false, error: { code: 'NoSpace' } });
    expect(await source({ timeoutMs: 1 }).checkout(at(), filesOf)).toMatchObject({
      ok: false,
      error: { code: 'TimedOut' },
    });
    const aborted = await source().checkout({ ...at(), signal: AbortSignal.abort() }, filesOf);
    expect(aborted).toMatchObject({ ok: false, error: { code: 'Aborted' } });
    expect(await source().checkout(at(), filesOf)).toMatchObject({ ok: true });
  });
});

describe('what is let through to the git binary', () => {
  const error = (url: string, branch = 'main', path = '') => gitLocationError({ url, branch, path }, ['https', 'ssh']);

  it('takes ordinary places', () => {
    for (const url of [
      'https://git.example.org/a/b.git',
      'ssh://git@git.example.org:22/a',
      'git@git.example.org:a/b.git',
    ])
      expect(error(url)).toBeNull();
    expect(error('https://h.example/x', 'release/1.0', 'prod/eu')).toBeNull();
  });

  it.each([
    'ext::sh -c touch% /tmp/x',
    '--upload-pack=touch /tmp/x',
    'file:///etc',
    'http://git.example.org/x',
    'git://x/y',
    '/etc/passwd',
    '-x@host:path',
    'git@-oProxyCommand=x:path',
    'git@host:-path',
    'ssh://-oProxyCommand=x/y',
    'https://user:pw@git.example.org/x',
    'https://token@git.example.org/x',
    'https://127.0.0.1/x',
    'https://localhost/x',
    'https://169.254.169.254/latest',
    'https://[::1]/x',
    'https://2130706433/x',
    'https://x/\n--y',
    '',
    'fd::17/foo',
  ])('refuses the URL %s', (url) => expect(error(url)).not.toBeNull());

  it.each(['-x', '--upload-pack=x', 'a..b', 'a b', 'a/', 'x.lock', 'a@{1}', '', 'a:b', 'a\nb', '+a'])(
    'refuses the branch %j',
    (branch) => expect(error('https://h.example/x', branch)).not.toBeNull(),
  );

  it.each(['../x', 'a/../../x', '/etc', '.git/hooks', 'a\\..\\b', 'a\nb'])('refuses the path %j', (path) =>
    expect(error('https://h.example/x', 'main', path)).not.toBeNull(),
  );

  it('never repeats credentials of a URL in the error', () => {
    expect(error('https://anna:hunter2@git.example.org/x')).not.toContain('hunter2');
  });
});

describe('the host of a Git source', () => {
  /** Connections that a listener on loopback got while `work` ran, by their first bytes. */
  async function connections(work: (port: number) => Promise<unknown>): Promise<Buffer[]> {
    const first: Buffer[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (data) => {
        first.push(data);
        socket.destroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await work((server.address() as AddressInfo).port);
    await new Promise((resolve) => server.close(resolve));
    return first;
  }
  const here: Partial<GitOptions> = {
    schemes: ['https', 'ssh'],
    addressOf: async () => ({ ok: true, value: '127.0.0.1' }),
  };
  const place = (url: string) => ({ location: { url, branch: 'main', path: '' }, credentials: null });

  it.each([
    ['https', (port: number) => `https://git.example.org:${port}/a.git`, (data: Buffer) => data[0] === 22],
    [
      'ssh',
      (port: number) => `ssh://git@git.example.org:${port}/a.git`,
      (data: Buffer) => `${data}`.startsWith('SSH-2'),
    ],
  ])('is connected to at the address that was checked and no other: %s', async (_scheme, url, spoken) => {
    const seen = await connections(async (port) => {
      expect(await source(here).commit(place(url(port)))).toMatchObject({ ok: false });
    });
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every(spoken)).toBe(true);
  });

  it('is not connected to when it is an internal one', async () => {
    const seen = await connections(async (port) => {
      for (const url of [`https://inner.example.org:${port}/a`, `ssh://git@127.0.0.1:${port}/a`])
        expect(await source({ schemes: ['https', 'ssh'] }).commit(place(url))).toMatchObject({
          ok: false,
          error: { code: 'Invalid', message: expect.stringContaining('public Internet') },
        });
    });
    expect(seen).toEqual([]);
  });
});

describe('the environment of git', () => {
  it('holds nothing of ours, allows no other transport, and keeps credentials out of arguments', async () => {
    process.env.STEWARD_TEST_SECRET = 'x';
    const environment = await gitEnvironment({
      home: join(scratch, 'home'),
      url: 'https://git.example.org/a',
      address: '93.184.215.14',
      schemes: ['https'],
      credentials: { token: 'hunter2' },
    });
    const { variables } = environment;
    delete process.env.STEWARD_TEST_SECRET;
    expect(variables).toMatchObject({
      GIT_ALLOW_PROTOCOL: 'https',
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_NOSYSTEM: '1',
    });
    expect(variables).not.toHaveProperty('STEWARD_TEST_SECRET');
    expect(Object.values(variables)).toContain('http.https://git.example.org/.extraHeader');
    expect(Object.values(variables)).toContain(`Authorization: Basic ${Buffer.from('git:hunter2').toString('base64')}`);
    await environment.dispose();
  });

  it('gives ssh its key in a private file that is gone afterwards', async () => {
    const environment = await gitEnvironment({
      home: join(scratch, 'home'),
      url: 'git@git.example.org:a.git',
      address: '93.184.215.14',
      schemes: ['ssh'],
      credentials: { sshKey: 'KEY', knownHosts: 'git.example.org ssh-ed25519 AAAA' },
    });
    const config = /ssh -F '(.*)'/.exec(environment.variables.GIT_SSH_COMMAND ?? '')?.[1] ?? '';
    const text = readFileSync(config, 'utf8');
    expect(text).toContain('StrictHostKeyChecking yes');
    expect(text).toContain('HostName 93.184.215.14\nHostKeyAlias git.example.org\n');
    expect(readFileSync(/IdentityFile "(.*)"/.exec(text)?.[1] ?? '', 'utf8')).toBe('KEY\n');
    await environment.dispose();
    expect(existsSync(config)).toBe(false);
  });
});

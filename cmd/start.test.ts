import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { describeReal } from '../test/real-parts.ts';
import { createRestClient } from './client/rest.ts';
import { EXIT } from './exit-codes.ts';
import { steward } from './fixtures/running.ts';

const START = join(import.meta.dirname, 'start.mjs');

/** Every line of these stories starts a process. */
jest.setTimeout(300_000);

describeReal('npm start', ['embeddedPostgres'], () => {
  const folder = mkdtempSync(join(tmpdir(), 'steward-start-'));
  // The database runs as a user of its own, who must be able to pass.
  chmodSync(folder, 0o755);
  const dataDir = join(folder, '.steward');
  let server: Started | undefined;
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const start = async (...args: string[]) => {
    server = await started(folder, args);
    return server;
  };

  describe('for the first time', () => {
    it('brings the example to life on an embedded database, and says where, on what, and how to change it', async () => {
      const { url, output } = await start('--hypervisor', 'memory');
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect(output()).toContain('in-memory hypervisor');
      expect(output()).toContain(join(dataDir, 'db'));
      expect(await run('wait', 'vm/web', 'vm/db', '-p', 'demo', '--timeout', '60s')).toMatchObject({ code: EXIT.ok });
      await until(() => /virtualmachine\/demo\/web +Ready/.test(output()));
      await until(() => /subscription\/demo\/usage +Ready +5\.\d\d EUR spent in this period/.test(output()));
    });

    it('prints the token once, which changes nothing without it', async () => {
      const token = readFileSync(join(dataDir, 'token'), 'utf8').trim();
      const { url, output } = await start();
      expect(output()).not.toContain(token);
      expect(output()).toContain('the in-memory hypervisor: no real machines, as at the first start');
      expect((await createRestClient({ url, token: null }).metrics()).ok).toBe(false);
      const answer = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ about { version } }' }),
      });
      expect(answer.status).toBe(401);
    });
  });

  it('goes on where it was, takes an image, and serves it', async () => {
    const { url } = await start();
    expect(await run('get', 'vm', '-p', 'demo', '-o', 'name')).toMatchObject({
      out: 'VirtualMachine/demo/db\nVirtualMachine/demo/web\n',
    });
    writeFileSync(join(folder, 'tiny.raw'), Buffer.alloc(1024 * 1024, 7));
    const uploaded = await run('upload', 'tiny.raw');
    expect(uploaded.out).toMatch(/^tiny\.raw uploaded, 1048576 bytes\n/);
    const manifest = ['kind: Image', 'metadata: {name: tiny, project: demo}', uploaded.out.split('In an Image:\n')[1]];
    writeFileSync(
      join(folder, 'image.yaml'),
      manifest.join('\n').replaceAll(/^ {2}/gm, '').replaceAll(/^ {2}/gm, '  '),
    );
    expect(await run('apply', '-f', 'image.yaml', '--wait')).toMatchObject({ code: EXIT.ok, err: '' });
    expect(await createRestClient({ url, token: null }).readyz()).toEqual({ ready: true, checks: { database: 'ok' } });
  });

  it('keeps its port from another, and ends when it is told to, without an error and without a process of its own left', async () => {
    const { stop, output, url } = await start();
    const database = Number(readFileSync(join(dataDir, 'db/data/postmaster.pid'), 'utf8').split('\n')[0]);
    expect(isAlive(database)).toBe(true);
    const { host } = new URL(url);
    const another = `serve --database memory --hypervisor none --data-dir another --listen ${host}`;
    expect(await run(...another.split(' '))).toEqual({
      code: EXIT.error,
      out: '',
      err: `error: ${host} is taken by another program. Choose another with --listen 127.0.0.1:PORT.\n`,
    });
    expect(await stop()).toBe(0);
    expect(output()).toContain('Stopping');
    expect(isAlive(database)).toBe(false);
  });

  function run(...args: string[]) {
    return steward(args, { cwd: folder });
  }
});

interface Started {
  url: string;
  output(): string;
  /** Resolves with the exit code. */
  stop(): Promise<number | null>;
}

async function started(folder: string, more: readonly string[]): Promise<Started> {
  const dataDir = join(folder, '.steward');
  rmSync(join(dataDir, 'endpoint.json'), { force: true });
  const args = ['--listen', '127.0.0.1:0', '--data-dir', dataDir, ...more];
  const env = { PATH: process.env.PATH ?? '' };
  const child = spawn(process.execPath, [START, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (text += part));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const endpoint = join(dataDir, 'endpoint.json');
  await until(() => existsSync(endpoint) || hasEnded(child));
  if (hasEnded(child)) throw new Error(text);
  const stop = () => {
    // As npm does, which passes on what the terminal or the init system has sent to all of the group.
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGTERM'), 100);
    return ended;
  };
  return { url: JSON.parse(readFileSync(endpoint, 'utf8')).url, output: () => text, stop };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1200; tries++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not come to that');
}

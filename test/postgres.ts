import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

/** A database of one test's own, migrated and empty. */
export interface FreshDatabase {
  url: string;
  /** Ends all connections to it and removes it. */
  drop(): Promise<void>;
}

/**
 * A copy of the migrated template: about 20 ms. All tests of one jest worker share one real server, which the first of them starts (about
 * 2 s) and which ends by itself within a second of the worker, however the worker ended. It does not wait for the disk (`fsync` off):
 * tests about durability start servers of their own.
 */
export async function freshDatabase(): Promise<FreshDatabase> {
  const server = await testServer();
  return copyOf(server, server.template);
}

/** A database that nobody has migrated yet. */
export async function emptyDatabase(): Promise<FreshDatabase> {
  return copyOf(await testServer(), 'template1');
}

async function copyOf(server: TestServer, template: string): Promise<FreshDatabase> {
  const name = `test_${process.pid}_${Date.now().toString(36)}_${Math.random().toString(36).slice(2, 8)}`;
  const admin = withDatabase(server.url, 'postgres');
  await execute(admin, `create database ${name} template ${template}`);
  return { url: withDatabase(server.url, name), drop: () => execute(admin, `drop database ${name} with (force)`) };
}

export interface TestServer {
  url: string;
  template: string;
  pid: number;
}

/** Where the server of a worker says how to reach it. */
export function testServerFolder(workerPid: number): string {
  return join(tmpdir(), `steward-test-postgres-${workerPid}`);
}

async function testServer(): Promise<TestServer> {
  const folder = testServerFolder(process.pid);
  const ready = join(folder, 'ready.json');
  if (!existsSync(ready) || !isAlive((JSON.parse(readFileSync(ready, 'utf8')) as TestServer).pid))
    await start(folder, ready);
  return JSON.parse(await readFile(ready, 'utf8')) as TestServer;
}

async function start(folder: string, ready: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const program = fileURLToPath(new URL('./postgres-server.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, String(process.pid)], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  for (let waited = 0; waited < 60_000; waited += 25) {
    if (existsSync(ready)) return;
    if (child.exitCode !== null) break;
    await sleep(25);
  }
  const said = await readFile(join(folder, 'failure.txt'), 'utf8').catch(() => 'It said nothing.');
  throw new Error(`The tests' PostgreSQL did not start. ${said}`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export function withDatabase(url: string, name: string): string {
  return url.replace(/@\/[^?]*/, `@/${name}`);
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { openDatabase } from '../postgres/embedded/open.ts';
import { migrate } from '../postgres/migrate.ts';
import { createPool } from '../postgres/pool.ts';
import { tidy } from '../postgres/retention.ts';
import { testServerFolder, withDatabase } from './postgres.ts';

/** Serves the PostgreSQL of one jest worker until that process is gone. Run as a program; its argument is the worker's pid. */
const worker = Number(process.argv[2]);
const folder = testServerFolder(worker);
/** `STEWARD_TEST_POSTGRES=system` runs the tests on the system's PostgreSQL instead of the package's. */
const SYSTEM = process.env.STEWARD_TEST_POSTGRES === 'system';
const TEMPLATE = 'steward_template';

async function serve(): Promise<void> {
  const database = await openDatabase({
    embedded: join(folder, 'db'),
    settings: { fsync: 'off', max_connections: '200' },
    ...(SYSTEM ? { binaries: 'system' } : {}),
  });
  try {
    await makeTemplate(database.url);
    const draft = join(folder, 'ready.new');
    await writeFile(draft, JSON.stringify({ url: database.url, template: TEMPLATE, pid: process.pid }), {
      mode: 0o600,
    });
    await rename(draft, join(folder, 'ready.json'));
    while (isAlive(worker)) await sleep(300);
  } finally {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeTemplate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create database ${TEMPLATE}`);
  await client.end();
  const pool = createPool({ url: withDatabase(url, TEMPLATE), max: 1 });
  await migrate(pool);
  await tidy(pool);
  await pool.end();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
serve().catch(async (error: unknown) => {
  await writeFile(join(folder, 'failure.txt'), String(error));
  process.exit(1);
});

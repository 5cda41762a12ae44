import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { createRegistry } from '../../reconciler/registry.ts';
import { ALL_SHARDS, ANNA, completion, ready, wish } from '../../test/contracts/store-fixture.ts';
import { TEST_VAULT } from '../../test/fixtures/vault.ts';
import { describeReal } from '../../test/real-parts.ts';
import { openStore } from '../open-store.ts';
import { findBinaries } from './binaries.ts';
import { type OpenDatabase, openDatabase } from './open.ts';
import { processIdentity } from './processes.ts';

jest.setTimeout(60_000);

describe('the embedded database', () => {
  let folder: string;
  let children: ChildProcess[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'steward-embedded-'));
    children = [];
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    // Whatever a killed owner left running is found and ended by the next one.
    if (children.length > 0) {
      await openDatabase({ embedded: folder }).then(
        (database) => database.close(),
        () => undefined,
      );
    }
    await rm(folder, { recursive: true, force: true });
  });

  const serverPid = async () => Number((await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);

  async function query<Row extends pg.QueryResultRow>(database: OpenDatabase, sql: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** A process that writes until it is killed; answers what it acknowledged up to then. */
  function writer(prefix: string): {
    child: ChildProcess;
    acknowledged: string[];
    reached(count: number): Promise<void>;
  } {
    const program = fileURLToPath(new URL('../../test/embedded-writer.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', program, folder, prefix], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const acknowledged: string[] = [];
    const waiting: { count: number; resolve(): void }[] = [];
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      acknowledged.push(line);
      for (const entry of waiting) if (acknowledged.length >= entry.count) entry.resolve();
    });
    const reached = (count: number) => new Promise<void>((resolve) => waiting.push({ count, resolve }));
    return { child, acknowledged, reached };
  }

  async function killed(child: ChildProcess): Promise<void> {
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  it('keeps what it holds over a stop, listens on no port, and waits for the disk', async () => {
    const first = await openDatabase({ embedded: folder });
    await query(first, 'create table kept (word text)');
    await query(first, "insert into kept values ('here')");
    expect(await query(first, 'show listen_addresses')).toEqual([{ listen_addresses: '' }]);
    expect(await query(first, 'show fsync')).toEqual([{ fsync: 'on' }]);
    await first.close();
    const second = await openDatabase({ embedded: folder });
    expect(await query(second, 'select word from kept')).toEqual([{ word: 'here' }]);
    await second.close();
    await expect(stat(join(folder, 'owner.json'))).rejects.toThrow('ENOENT');
  });

  it('keeps its password to itself', async () => {
    const database = await openDatabase({ embedded: folder });
    const { mode } = await stat(join(folder, 'password'));
    expect(mode & 0o077).toBe(0);
    const password = await readFile(join(folder, 'password'), 'utf8');
    expect(password).toMatch(/^[\w-]{32}$/);
    expect(database.description).not.toContain(password);
    const wrong = new pg.Client({ connectionString: database.url.replace(password, 'wrong') });
    await expect(wrong.connect()).rejects.toThrow('password authentication failed');
    await wrong.end();
    await database.close();
  });

  it('is opened by one at a time, and names the other', async () => {
    const database = await openDatabase({ embedded: folder });
    await expect(openDatabase({ embedded: folder })).rejects.toThrow(`in use by this process (${process.pid})`);
    expect(await query(database, 'select 1 as one')).toEqual([{ one: 1 }]);
    await database.close();
    const other = writer('other');
    await other.reached(1);
    await expect(openDatabase({ embedded: folder })).rejects.toThrow(`in use by process ${other.child.pid}`);
  });

  it('loses no acknowledged write when its owner is killed, and takes over the server that was left running', async () => {
    const acknowledged: string[] = [];
    for (const round of [1, 2, 3]) {
      const { child, acknowledged: told, reached } = writer(`r${round}`);
      await reached(20 * round);
      await killed(child);
      acknowledged.push(...told.filter((line) => line !== 'ready'));
    }
    const left = await serverPid();
    const database = await openDatabase({ embedded: folder });
    expect(await serverPid()).not.toBe(left);
    const stored = new Set(
      (await query<{ name: string }>(database, 'select name from objects')).map(({ name }) => name),
    );
    expect(acknowledged.filter((name) => !stored.has(name))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(100);
    await database.close();
  });

  it('survives being killed while it is made', async () => {
    for (const delayMs of [250, 400, 550, 700]) {
      const { child } = writer('early');
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await killed(child);
    }
    const database = await openDatabase({ embedded: folder });
    expect(await query(database, 'select 1 as one')).toEqual([{ one: 1 }]);
    await database.close();
  });

  it('is not misled by a stale file that names another process', async () => {
    const database = await openDatabase({ embedded: folder });
    await database.close();
    await writeFile(join(folder, 'data', 'postmaster.pid'), `${process.pid}\n${folder}\n`);
    await writeFile(join(folder, 'owner.json'), JSON.stringify({ pid: process.pid, startedAt: '1', id: 'x' }));
    const again = await openDatabase({ embedded: folder });
    expect(await query(again, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(processIdentity(process.pid)).not.toBeNull();
    await again.close();
  });

  it('works in a folder whose path is too long for a socket', async () => {
    const deep = join(folder, 'a'.repeat(60), 'b'.repeat(60));
    await mkdir(deep, { recursive: true });
    await chmod(folder, 0o711);
    const database = await openDatabase({ embedded: deep });
    expect(await query(database, 'select 1 as one')).toEqual([{ one: 1 }]);
    await database.close();
  });

  it('runs for root too in a folder that is closed to all others, and opens no door for it', async () => {
    const closed = join(folder, 'closed');
    const stateFolder = join(folder, 'state');
    await mkdir(closed, { mode: 0o700 });
    await chmod(folder, 0o711);
    const options = { embedded: join(closed, 'db'), stateFolder };
    const first = await openDatabase(options);
    await query(first, 'create table kept (word text)');
    await first.close();
    const second = await openDatabase(options);
    expect(await query(second, 'select word from kept')).toEqual([]);
    await second.close();
    expect((await stat(closed)).mode & 0o777).toBe(0o700);
    const root = process.getuid?.() === 0;
    expect(second.description.includes(root ? stateFolder : closed)).toBe(true);
  });

  it('prefers the PostgreSQL of the package, and refuses data of another version', async () => {
    expect((await findBinaries()).version).toMatch(/^postgres \(PostgreSQL\) 18/);
    const database = await openDatabase({ embedded: folder });
    await database.close();
    await writeFile(join(folder, 'data', 'PG_VERSION'), '14\n');
    await expect(openDatabase({ embedded: folder })).rejects.toThrow(
      'was made by PostgreSQL 14, and the one found here is postgres (PostgreSQL) 18',
    );
    await expect(stat(join(folder, 'owner.json'))).rejects.toThrow('ENOENT');
  });
});

describeReal('the embedded database of a machine without the package', ['postgres'], () => {
  it('is served by the PostgreSQL of the system, with the same SQL', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'steward-system-'));
    const database = await openDatabase({ embedded: folder, binaries: 'system' });
    const opened = await openStore({ url: database.url, registry: createRegistry([]), personal: TEST_VAULT.personal });
    expect(opened.migration.state).toBe('current');
    await opened.store.write([{ op: 'create', object: wish({ name: 'web' }), uniqueKeys: ['one'] }], ANNA);
    const claims = await opened.store.claim({ shards: ALL_SHARDS, limit: 10, leaseMs: 30_000, holder: 'one' });
    const claim = claims.map((held) => completion(held, { status: ready(1) }));
    expect(await opened.store.complete(claim)).toEqual(['done']);
    await opened.close();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });
});

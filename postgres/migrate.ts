import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { Pool, PoolClient } from 'pg';

export interface Migration {
  /** Counts from 1 without a gap. */
  version: number;
  sql: string;
  sha256: string;
  /** The lowest version of the code that may write to a database of this version. */
  minWriter: number;
}

export type MigrationResult =
  /** The database is as this code knows it. */
  | { state: 'current'; version: number; applied: number[] }
  /** A newer instance has migrated it; this one may still write. */
  | { state: 'newer'; version: number }
  /** A newer instance has migrated it so far that this one may only read. */
  | { state: 'readOnly'; version: number; minWriter: number };

/** Brings the database up to what this code knows: forward only, one transaction, one instance at a time. */
export async function migrate(pool: Pool): Promise<MigrationResult> {
  const known = await readMigrations();
  const client = await pool.connect();
  let failed = true;
  try {
    await client.query('begin');
    // Some other number would do as well; it only has to be the same for everybody.
    await client.query('select pg_advisory_xact_lock(7236837231)');
    const result = await advance(client, known);
    await client.query('commit');
    failed = false;
    return result;
  } finally {
    client.release(failed);
  }
}

export async function readMigrations(): Promise<Migration[]> {
  const folder = new URL('./migrations/', import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name, index) => {
      const sql = await readFile(new URL(name, folder), 'utf8');
      const version = Number(/^(\d{6})\.sql$/.exec(name)?.[1]);
      const minWriter = Number(/^-- min-writer: (\d+)$/m.exec(sql)?.[1]);
      if (version !== index + 1)
        throw new Error(`Migration ${name} should be number ${index + 1}: a number is missing or doubled.`);
      if (!(minWriter >= 1 && minWriter <= version))
        throw new Error(`Migration ${name} does not say "-- min-writer: N".`);
      return { version, sql, sha256: createHash('sha256').update(sql).digest('hex'), minWriter };
    }),
  );
}

interface Applied {
  version: number;
  sha256: string;
  min_writer: number;
}

async function advance(client: PoolClient, known: readonly Migration[]): Promise<MigrationResult> {
  await client.query(`create table if not exists migrations (
    version int primary key, sha256 text not null, min_writer int not null, applied_at timestamptz not null default now())`);
  const { rows } = await client.query<Applied>('select version, sha256, min_writer from migrations order by version');
  const latest = known.length;
  checkHashes(rows, known);
  const last = rows.at(-1);
  if (last && last.version > latest) {
    const minWriter = Math.max(...rows.map((row) => row.min_writer));
    return minWriter > latest
      ? { state: 'readOnly', version: last.version, minWriter }
      : { state: 'newer', version: last.version };
  }
  const pending = known.slice(rows.length);
  for (const { version, sql, sha256, minWriter } of pending) {
    await client.query(sql);
    await client.query('insert into migrations (version, sha256, min_writer) values ($1, $2, $3)', [
      version,
      sha256,
      minWriter,
    ]);
  }
  return { state: 'current', version: latest, applied: pending.map(({ version }) => version) };
}

function checkHashes(applied: readonly Applied[], known: readonly Migration[]): void {
  for (const { version, sha256 } of applied) {
    const migration = known[version - 1];
    if (migration && migration.sha256 !== sha256) {
      throw new Error(
        `Migration ${version} was changed after it had been applied to this database. Restore its file, and make the change in a new migration.`,
      );
    }
  }
}

import type { Pool, PoolClient } from 'pg';
import { outlivedPartitions, PARTITIONED, type Partition, type Partitioned, wantedPartitions } from './partitions.ts';
import { CLOCK } from './statements/clock.ts';
import { FORGET, PARTITIONS_OF, TRY_TIDY } from './statements/retention.ts';
import { TOMBSTONE_MS } from './store.ts';

export interface Tidied {
  made: string[];
  dropped: string[];
  /** Partitions that could not be made since the default one holds rows of their time. Those rows stay readable where they are. */
  blocked: string[];
  /** Rows of small tables and of default partitions that had outlived their time. */
  forgotten: number;
}

const DROPS_MAX = 20;
const ROWS_MAX = 10_000;

/**
 * Makes partitions ahead, drops those that outlived their time, forgets old rows of the small tables. Bounded, safe to run anywhere at
 * any time, and done by one instance at once. Run it at start and about every hour. Null: another instance is at it.
 */
export async function tidy(pool: Pool, tables: readonly Partitioned[] = PARTITIONED): Promise<Tidied | null> {
  const client = await pool.connect();
  let failed = true;
  try {
    await client.query('begin');
    const tidied = await tidyLocked(client, tables);
    await client.query('commit');
    failed = false;
    return tidied;
  } finally {
    client.release(failed);
  }
}

async function tidyLocked(client: PoolClient, tables: readonly Partitioned[]): Promise<Tidied | null> {
  const [lock] = (await client.query<{ mine: boolean }>(TRY_TIDY.text)).rows;
  if (!lock?.mine) return null;
  // Whoever reads or writes facts must not wait for us; the next run comes soon.
  await client.query("set local lock_timeout = '2s'");
  const [clock] = (await client.query<{ now: number }>(CLOCK.text)).rows;
  const now = clock?.now ?? 0;
  const tidied: Tidied = { made: [], dropped: [], blocked: [], forgotten: 0 };
  for (const table of tables) {
    const names = (await client.query<{ name: string }>(PARTITIONS_OF.text, [table.table])).rows.map(
      ({ name }) => name,
    );
    for (const partition of wantedPartitions(table, now)) {
      if (names.includes(partition.name)) continue;
      tidied[(await make(client, partition)) ? 'made' : 'blocked'].push(partition.name);
    }
    for (const partition of outlivedPartitions(table, names, now).slice(0, DROPS_MAX)) {
      await drop(client, partition);
      tidied.dropped.push(partition.name);
    }
    tidied.forgotten += await forgetDefault(client, table, now);
  }
  const [row] = (await client.query<{ forgotten: number }>(FORGET.text, [ROWS_MAX, TOMBSTONE_MS])).rows;
  tidied.forgotten += row?.forgotten ?? 0;
  return tidied;
}

/** Names come from constants and numbers only, never from outside. */
async function make(client: PoolClient, { table, name, from, to }: Partition): Promise<boolean> {
  const { rows } = await client.query(`select from ${table}_rest where at >= $1 and at < $2 limit 1`, [from, to]);
  if (rows.length > 0) return false;
  await client.query(`create table ${name} partition of ${table} for values from (${from}) to (${to})`);
  return true;
}

async function drop(client: PoolClient, { table, name }: Partition): Promise<void> {
  if (table === 'event_log')
    await raiseFloor(client, `select xid, id from ${name} order by xid desc, id desc limit 1`, []);
  await client.query(`drop table ${name}`);
}

/** Who reads from below the floor is told that it is too late. */
async function raiseFloor(client: PoolClient, last: string, values: readonly unknown[]): Promise<void> {
  await client.query(
    `update event_log_floor f set xid = l.xid, id = l.id from (${last}) l where (l.xid, l.id) > (f.xid, f.id)`,
    [...values],
  );
}

async function forgetDefault(client: PoolClient, { table, keptMs }: Partitioned, now: number): Promise<number> {
  const old = `select ctid from ${table}_rest where at < $1 order by at limit ${ROWS_MAX}`;
  if (table === 'event_log') {
    const last = `select xid, id from event_log_rest where ctid in (${old}) order by xid desc, id desc limit 1`;
    await raiseFloor(client, last, [now - keptMs]);
  }
  const { rowCount } = await client.query(`delete from ${table}_rest where ctid in (${old})`, [now - keptMs]);
  return rowCount ?? 0;
}

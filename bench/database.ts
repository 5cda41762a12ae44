import pg from 'pg';
import type { BenchCloud } from './cloud.ts';

/** A connection of the bench's own to the server's database. */
export async function withClient(
  { databaseUrl }: BenchCloud,
  work: (client: pg.Client) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** Lets the database finish now what it would do in the seconds after many writes: its checkpoint, its vacuum, its statistics. */
export async function rested(cloud: BenchCloud): Promise<void> {
  await withClient(cloud, async (client) => {
    await client.query('vacuum analyze');
    await client.query('checkpoint');
  });
}

/** Written by the clock, not by a pass: heartbeats of the instance, and which places answered since when (by a transaction with a receipt). */
const BY_THE_CLOCK = ['queue', 'instances', 'shard_leases', 'named_leases', 'coverage', 'receipts'];
const QUIET_MS = 6_000;
const PATIENCE_MS = 180_000;

export type Rows = Record<string, string>;

/** Which transactions wrote the rows of each table: any insert, update or delete shows. */
export async function written(cloud: BenchCloud): Promise<Rows> {
  const rows: Rows = {};
  await withClient(cloud, async (client) => {
    const { rows: tables } = await client.query<{ relname: string }>(
      "select relname from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace",
    );
    for (const { relname } of tables.filter((table) => !BY_THE_CLOCK.includes(table.relname))) {
      const sum = await client.query(
        `select count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) as sum from ${pg.escapeIdentifier(relname)}`,
      );
      rows[relname] = String(sum.rows[0]?.sum);
    }
  });
  return rows;
}

/** Resolves when nothing was written for some seconds: what follows the log of changes, such as the books, has caught up. */
export async function quieted(cloud: BenchCloud): Promise<void> {
  let before = '';
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += QUIET_MS) {
    const now = JSON.stringify(await written(cloud));
    if (now === before) return;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  }
  throw new Error(`Something was still written to the database after ${PATIENCE_MS} ms.`);
}

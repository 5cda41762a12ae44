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

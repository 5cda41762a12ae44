import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../postgres/embedded/open.ts';
import { createPool } from '../postgres/pool.ts';
import { closing } from './billing-closing.ts';
import { looking } from './billing-look.ts';
import { previewing, scenarioFolder } from './billing-preview.ts';
import { ingesting, rating } from './billing-usage.ts';
import { openBench } from './billing-world.ts';
import type { Figure } from './figures.ts';

/** The books on a real, durable PostgreSQL: usage in, rating, the close of a period for ten thousand accounts, and what a look costs. */
export async function run(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'steward-bench-billing-'));
  const database = await openDatabase({ embedded: folder });
  const pool = createPool({ url: database.url, max: 8, statementTimeoutMs: 120_000 });
  try {
    const world = await openBench(pool);
    return [
      ...(await ingesting(world)),
      ...(await rating(world)),
      ...(await looking(world)),
      ...(await closing(world)),
      ...(await previewing()),
      ...(await scenarioFolder()),
    ];
  } finally {
    await pool.end();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  }
}

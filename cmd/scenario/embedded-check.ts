import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scenario } from '../../billing/scenario/parse.ts';
import { printBooks } from '../../billing/scenario/print.ts';
import { run } from '../../billing/scenario/run.ts';
import { createVault } from '../../integrations/seal/seal.ts';
import { playThroughTables } from '../../postgres/books/through-tables.ts';
import { findBinaries } from '../../postgres/embedded/binaries.ts';
import { openDatabase } from '../../postgres/embedded/open.ts';
import { migrate } from '../../postgres/migrate.ts';
import { createPool } from '../../postgres/pool.ts';

/** Why no database can run here; undefined: one can. */
export async function noDatabase(): Promise<string | undefined> {
  return findBinaries().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

/** Plays a scenario on a database of its own, which is gone afterwards, and answers each broken promise as a sentence. */
export async function checkOnEmbedded(scenario: Scenario): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'steward-scenario-'));
  try {
    const database = await openDatabase({ embedded: folder });
    const pool = createPool({ url: database.url });
    try {
      await migrate(pool);
      const { books, broken } = await playThroughTables({ pool, personal: throwAwayKeys().personal }, scenario);
      const end = scenario.steps.at(-1)?.at ?? 0;
      const isSame = JSON.stringify(printBooks(books, end)) === JSON.stringify(printBooks(run(scenario), end));
      return isSame ? broken : [...broken, 'what the tables of the database keep gives something else'];
    } finally {
      await pool.end();
      await database.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function throwAwayKeys() {
  const key = () => new Uint8Array(randomBytes(32));
  return createVault({ current: 'k1', keys: { k1: key() }, fingerprintKey: key() });
}

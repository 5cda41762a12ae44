import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { parse } from 'yaml';
import { parseScenario, type Scenario } from '../../billing/scenario/parse.ts';
import { printBooks } from '../../billing/scenario/print.ts';
import { run } from '../../billing/scenario/run.ts';
import { TEST_VAULT } from '../../test/fixtures/vault.ts';
import { type FreshDatabase, freshDatabase } from '../../test/postgres.ts';
import { createPool } from '../pool.ts';
import { playThroughTables } from './through-tables.ts';

jest.setTimeout(120_000);

const folder = fileURLToPath(new URL('../../billing/scenarios', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

describe('scenarios through the tables', () => {
  let fresh: FreshDatabase;
  let pool: ReturnType<typeof createPool>;
  // Each has the numbers of the installation for itself.
  beforeEach(async () => {
    fresh = await freshDatabase();
    pool = createPool({ url: fresh.url });
  });
  afterEach(async () => {
    await pool.end();
    await fresh.drop();
  });
  it.each(files)('%s: the same documents as in memory, whatever dies', async (name) => {
    const scenario = read(name);
    const end = scenario.steps.at(-1)?.at ?? 0;
    const { books, broken } = await playThroughTables({ pool, personal: TEST_VAULT.personal }, scenario);
    expect(printBooks(books, end)).toEqual(printBooks(run(scenario), end));
    expect(broken).toEqual([]);
  });
});

function read(name: string): Scenario {
  const result = parseScenario(parse(readFileSync(`${folder}/${name}`, 'utf8')));
  if ('faults' in result) throw new Error(result.faults.join('\n'));
  return result.scenario;
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openDatabase } from '../postgres/embedded/open.ts';
import { type OpenStore, openStore } from '../postgres/open-store.ts';
import { TEST_VAULT } from '../test/fixtures/vault.ts';
import { type Figure, median } from './figures.ts';
import { fill, latency, measure, pageRatio, quiet, settle, withStatus } from './store-load.ts';

const ROUNDS = 3;

/**
 * Claims and completions through the store, durable, in batches of 100 by 4 workers: passes that find nothing to do and passes that write
 * a status each, among 10,000 and among 100,000 objects in turn, so that both see the same machine.
 */
export async function run(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'steward-bench-store-'));
  const database = await openDatabase({ embedded: folder });
  const opened: OpenStore[] = [];
  try {
    await execute(database.url, 'create database big');
    const urls = [database.url, database.url.replace('/steward?', '/big?')];
    for (const url of urls)
      opened.push(
        await openStore({ url, registry: { kind: () => undefined, kinds: [] }, personal: TEST_VAULT.personal }),
      );
    const [small, big] = opened.map(({ store }) => store);
    if (!small || !big) throw new Error('Both stores were just opened.');
    const written = [await fill(small, 10_000), await fill(big, 100_000)];
    for (const store of [small, big]) await settle(store);
    for (const url of urls) await execute(url, 'vacuum analyze');
    const rounds: { small: Measured; big: Measured }[] = [];
    for (let round = 0; round < ROUNDS; round++)
      rounds.push({ small: await measureAll(small), big: await measureAll(big) });
    const of = (size: 'small' | 'big', what: keyof Measured) => median(rounds.map((round) => round[size][what]));
    return [
      { name: 'new objects written, in calls of 1,000', value: written[0] ?? 0, unit: '/s' },
      { name: 'claim + complete, nothing to do, 10,000 objects', value: of('small', 'quiet'), unit: '/s' },
      { name: 'claim + complete, nothing to do, 100,000 objects', value: of('big', 'quiet'), unit: '/s' },
      { name: 'claim + complete with a status, 10,000 objects', value: of('small', 'status'), unit: '/s' },
      { name: 'claim + complete with a status, 100,000 objects', value: of('big', 'status'), unit: '/s' },
      {
        name: 'one object claimed, loaded, completed: p50, 10,000',
        value: of('small', 'p50'),
        unit: 'ms',
        note: `p99 ${of('small', 'p99').toFixed(1)} ms`,
      },
      {
        name: 'the same, 100,000 objects ÷ 10,000',
        value: of('big', 'p50') / of('small', 'p50'),
        unit: '×',
        must: 1.5,
      },
      { name: 'any page of 100,000 ÷ the first', value: await pageRatio(big), unit: '×', must: 1.2 },
    ];
  } finally {
    for (const { close } of opened) await close();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  }
}

type Measured = Awaited<ReturnType<typeof measureAll>>;

async function measureAll(store: OpenStore['store']) {
  return { quiet: await measure(store, quiet), status: await measure(store, withStatus), ...(await latency(store)) };
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

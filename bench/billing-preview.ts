import { readdir, readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { asBooks, noBooks } from '../billing/loop/books-store.ts';
import { checkScenario } from '../billing/scenario/check.ts';
import { parseScenario } from '../billing/scenario/parse.ts';
import { draftOf } from '../billing/settle/settle.ts';
import { applyAll } from '../billing/wish/apply.ts';
import { billed, wish } from '../test/contracts/books-fixture.ts';
import { CATALOG, LINES } from './billing-world.ts';
import { type Figure, percentile, timed } from './figures.ts';

const SUBSCRIPTIONS = 50;
const LOOKS = 40;
const FOLDER = new URL('../billing/scenarios/', import.meta.url);

/** What the next invoice will be, for an account with a thousand lines. */
export async function previewing(): Promise<Figure[]> {
  const at = Date.UTC(2026, 0, 10);
  const bare = asBooks(noBooks('big'), {
    account: billed('big'),
    budgets: [],
    catalog: {
      bundles: new Map(),
      meters: [],
      card: { name: 'list', currency: 'EUR', revisions: [] },
      campaigns: new Map(),
      taxRules: [],
    },
  });
  const own = Array.from({ length: SUBSCRIPTIONS }, (_, index) =>
    wish('Subscription', `s${index}`, { bundle: 'twenty' }),
  );
  const books = applyAll(applyAll(bare, CATALOG, 0), own, at);
  const times: number[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    const { ms, value } = await timed(async () => draftOf(books, { now: at + look, until: at + look }));
    if (value.additions.length !== SUBSCRIPTIONS * LINES) throw new Error(`${value.additions.length} lines`);
    times.push(ms);
  }
  const note = `${SUBSCRIPTIONS * LINES} lines`;
  return [{ name: 'preview, p95', value: percentile(times, 95), unit: 'ms', must: 300, note }];
}

/** Every scenario with all its checks. */
export async function scenarioFolder(): Promise<Figure[]> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.yaml'));
  const { ms } = await timed(async () => {
    for (const name of names) {
      const document = parse(await readFile(new URL(name, FOLDER), 'utf8'));
      const parsed = parseScenario(document);
      if ('faults' in parsed) throw new Error(`${name}: ${parsed.faults.join('; ')}`);
      const broken = checkScenario(parsed.scenario);
      if (broken.length > 0) throw new Error(`${name}: ${broken.join('; ')}`);
    }
  });
  return [
    { name: 'the scenario folder with --check', value: ms / 1000, unit: 's', must: 90, note: `${names.length} files` },
  ];
}

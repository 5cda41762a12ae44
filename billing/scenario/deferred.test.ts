import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { deferredRevenue, recognitionsDue } from '../ledger/recognition.ts';
import type { Books } from '../settle/books.ts';
import { audit } from './check.ts';
import { parseScenario, type Scenario } from './parse.ts';
import { printBooks } from './print.ts';
import { run } from './run.ts';

const folder = fileURLToPath(new URL('../scenarios', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

/** Whatever a scenario is about, it is played again with revenue that is recognised with time: only the ledger may differ. */
describe.each(['DAILY', 'MONTHLY'] as const)('revenue that is recognised %s', (recognition) => {
  it.each(files)(
    'keeps the books of %s balanced, its documents as they are, and comes to the same in the end',
    (name) => {
      const scenario = read(readFileSync(`${folder}/${name}`, 'utf8'));
      const found: string[] = [];
      const deferring = { ...scenario, policy: { ...scenario.policy, recognition } };
      const after = (books: Books) => found.push(...audit(books));
      const [plain, timed] = [
        run({ ...scenario, policy: { ...scenario.policy, recognition: 'AT_ISSUE' } }),
        run(deferring, { after }),
      ];
      expect(found).toEqual([]);
      expect(documents(timed)).toEqual(documents(plain));
      const later = Date.UTC(2100, 0, 1);
      const all = recognitionsDue(timed, later);
      expect(deferredRevenue({ ...timed, recognitions: [...timed.recognitions, ...all] })).toBe(0n);
      expect(new Set([...timed.recognitions, ...all].map(({ id }) => id)).size).toBe(
        timed.recognitions.length + all.length,
      );
    },
  );
});

function documents(books: Books) {
  const { ledger: _ledger, ...rest } = printBooks(books, 0);
  return rest;
}

function read(text: string): Scenario {
  const result = parseScenario(parse(text));
  if ('faults' in result) throw new Error(result.faults.join('\n'));
  return result.scenario;
}

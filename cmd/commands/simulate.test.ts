import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import { steward } from '../fixtures/running.ts';

// Every line of these stories starts a process.
jest.setTimeout(60_000);

const SCENARIO = `timezone: Europe/Berlin
currency: EUR
steps:
  - at: 2026-01-31
    apply:
      - { kind: Bundle, name: plan, spec: { charges: [{ name: fee }] } }
      - { kind: RateCard, name: prices, spec: { revisions: [{ prices: { fee: "30.00" } }] } }
      - { kind: Subscription, name: s1, spec: { bundle: plan } }
  - at: 2026-02-10
    pay: { invoice: first-open, amount: "10.00" }
`;
const simulate = (input: string, ...args: string[]) => steward(['simulate', '-', ...args], { cwd: '/', input });

describe('steward simulate', () => {
  it('prints the documents of a scenario, amounts as texts and dates as they are there', async () => {
    const { code, out, err } = await simulate(SCENARIO, '--check');
    expect([code, err]).toEqual([EXIT.ok, '']);
    expect(JSON.parse(out)).toMatchObject({
      invoices: [
        {
          number: 'INV-2026-00001',
          status: 'PARTIALLY_PAID',
          issuedAt: '2026-01-31',
          lines: [
            {
              from: '2026-01-31',
              to: '2026-02-28',
              product: 'fee',
              quantity: '1',
              amount: '30.00',
              kind: 'RECURRING',
            },
          ],
          subtotal: '30.00',
          discount: '0.00',
          tax: '0.00',
          credits: '0.00',
          wallet: '0.00',
          total: '30.00',
          due: '20.00',
        },
      ],
      creditNotes: [],
      balance: '20.00',
      credit: '0.00',
      holds: [],
    });
  });

  it('explains a line, and names the lines where there is no such one', async () => {
    const explained = await simulate(SCENARIO, '--explain', 'INV-2026-00001/1');
    expect(JSON.parse(explained.out)).toMatchObject({ charged: '30.00', parts: [{ quantity: '1', ratio: '1/1' }] });
    expect(await simulate(SCENARIO, '--explain', 'X/1')).toMatchObject({
      code: EXIT.notFound,
      err: expect.stringContaining('There are INV-2026-00001/1.'),
    });
  });

  it('writes the documents into a folder, and says what a format cannot hold', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'steward-documents-'));
    try {
      const { code, err } = await simulate(SCENARIO, '--documents', folder);
      expect(code).toBe(EXIT.ok);
      expect(err).toContain("INV-2026-00001 as ubl: BR-09: the seller's address has no country; give the channel one.");
      expect(readdirSync(folder).sort()).toEqual([
        ...['csv', 'json', 'pdf'].map((extension) => `INV-2026-00001.${extension}`),
        ...['statement.json', 'statement.pdf'],
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses what is wrong with every fault at its line, and plays nothing', async () => {
    const wrong = SCENARIO.replace('currency: EUR', 'currency: euro').replace('2026-02-10', '2026-02-30');
    const { code, out, err } = await simulate(wrong);
    expect([code, out]).toEqual([EXIT.validation, '']);
    expect(err).toContain('(stdin):2:11: currency: found "euro"; write an ISO 4217 code, such as EUR');
    expect(err).toContain('(stdin):9:9: steps[1].at: found "2026-02-30"; write a date');
    expect(err).toContain('nothing was played');
    expect((await simulate('steps: [')).err).toContain('(stdin):1:');
    expect(await steward(['simulate', 'nowhere.yaml'], { cwd: '/' })).toMatchObject({
      code: EXIT.usage,
      err: expect.stringContaining('nowhere.yaml cannot be read (ENOENT)'),
    });
  });
});

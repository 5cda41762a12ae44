import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import jpeg from 'jpeg-js';
import { assemble } from '../../billing/report/assemble.ts';
import { REPORTS } from '../../billing/report/definitions.ts';
import type { FactRow } from '../../billing/report/facts.ts';
import { conversionsInto } from '../../billing/report/rates.ts';
import { REPORT_FORMATS, type Report, type ReportFormat } from '../../billing/report/report.ts';
import { describeReal } from '../../test/real-parts.ts';
import { reportIn } from './formats.ts';

const AS_OF = '2026-03-01T00:00:00.000Z';
const JANUARY = Date.parse('2026-01-01T00:00:00Z');

/** Names that somebody chose to make a spreadsheet compute, a drawing break, a line end. */
const facts: FactRow[] = [
  ['=1+1', 'EUR', null, '120000', '3'],
  ['<b>"Müller" & Söhne</b>', 'EUR', null, '99999', '2'],
  ['bolt, Inc', 'USD', `USD/EUR/${JANUARY}`, '100001', '1'],
  ['line\nbreak', 'EUR', null, '-4250', '1'],
  ['zeta', 'CHF', null, '7700', '1'],
].map(([account, currency, rate, net, documents]) => ({
  keys: { account: account ?? '', channel: 'direct' },
  currency: currency ?? null,
  rate: rate ?? null,
  sums: { net: net ?? '0', documents: documents ?? '0' },
}));

const { used } = conversionsInto('EUR', [
  { base: 'USD', quote: 'EUR', from: JANUARY, day: '2026-01-01', rate: '0.8512' },
]);
const CUSTOMERS = assemble(REPORTS['top-customers'], facts, {
  parameters: { currency: 'EUR', top: '10', zone: 'UTC' },
  asOf: AS_OF,
  currency: 'EUR',
  rates: used,
  top: 10,
  cut: false,
});
const REGISTRATIONS = assemble(
  REPORTS['new-customer-registrations'],
  ['2026-02-01', '2026-02-03', '2026-02-03', '2026-02-14'].map((day, index) => ({
    keys: { day, type: index === 1 ? 'corporate' : 'retail' },
    currency: null,
    rate: null,
    sums: { registrations: `${index + 1}` },
  })),
  {
    parameters: { from: '2026-02-01', to: '2026-02-28' },
    asOf: AS_OF,
    currency: null,
    rates: used,
    top: null,
    cut: false,
  },
);
const NOTHING = { ...REGISTRATIONS, rows: [], totals: [] };

const golden = (name: string) => new URL(`./golden/${name}`, import.meta.url);
const TEXTS = REPORT_FORMATS.filter((format) => ['table', 'csv', 'json', 'svg'].includes(format));

async function text(format: ReportFormat, report: Report): Promise<string> {
  return String((await reportIn(format, report)).content);
}

describe('a report as text', () => {
  const reports: [string, Report][] = [
    ['top-customers', CUSTOMERS],
    ['registrations', REGISTRATIONS],
  ];
  for (const [name, report] of reports)
    it.each(TEXTS)(`${name} as %s is the golden file, to the letter`, async (format) => {
      const found = await text(format, report);
      if (process.env.GOLDEN === 'write') writeFileSync(golden(`${name}.${format}`), found);
      expect(found).toBe(readFileSync(golden(`${name}.${format}`), 'utf8'));
    });

  it('gives a spreadsheet no formula, and one line for a row whatever is in it', async () => {
    const csv = await text('csv', CUSTOMERS);
    expect(csv).toContain("\r\n'=1+1,direct,EUR,3,1200.00,\r\n");
    expect(csv).toContain('"<b>""Müller"" & Söhne</b>",');
    expect(csv).toContain('-42.50,');
  });
});

describe('a chart', () => {
  it('is a drawing that tells every value to whoever does not see it', async () => {
    for (const report of [
      CUSTOMERS,
      REGISTRATIONS,
      NOTHING,
      { ...CUSTOMERS, chart: { ...CUSTOMERS.chart, type: 'line' } } as Report,
    ]) {
      const svg = await text('svg', report);
      expect(XMLValidator.validate(svg)).toBe(true);
    }
    const { svg } = new XMLParser({ ignoreAttributes: false }).parse(await text('svg', CUSTOMERS));
    expect(svg['@_role']).toBe('img');
    expect(svg.desc['#text']).toContain('bolt, Inc: 851.21');
    expect(svg.desc['#text']).toContain('Shown: only what is in EUR.');
  });

  it('holds amounts that no float can hold', async () => {
    const huge = assemble(
      REPORTS['top-customers'],
      [{ ...(facts[0] as FactRow), sums: { net: '9007199254740993', documents: '1' } }],
      {
        parameters: {},
        asOf: AS_OF,
        currency: null,
        rates: used,
        top: null,
        cut: false,
      },
    );
    expect(await text('svg', huge)).toContain('90071992547409.93');
  });

  it('becomes a picture of twice the size', async () => {
    const png = (await reportIn('png', CUSTOMERS)).content as Uint8Array;
    const header = Buffer.from(png.slice(0, 24));
    expect(header.toString('latin1', 1, 4)).toBe('PNG');
    expect([header.readUInt32BE(16), header.readUInt32BE(20)]).toEqual([1920, 960]);
    const photograph = jpeg.decode((await reportIn('jpg', CUSTOMERS)).content as Uint8Array);
    expect([photograph.width, photograph.height]).toEqual([1920, 960]);
    const colours = new Set<number>();
    for (let at = 0; at < photograph.data.length; at += 4_000) colours.add(photograph.data.readUInt32BE(at));
    expect(colours.size).toBeGreaterThan(1);
  });
});

describeReal('PDF, read back', ['pdftotext'], () => {
  it('says the rows, the totals and what is not in them, and is the same every time', async () => {
    const pdf = (await reportIn('pdf', CUSTOMERS)).content as Uint8Array;
    expect(Buffer.compare(Buffer.from(pdf), Buffer.from((await reportIn('pdf', CUSTOMERS)).content))).toBe(0);
    const folder = mkdtempSync(join(tmpdir(), 'steward-report-'));
    try {
      writeFileSync(join(folder, 'a.pdf'), pdf);
      const { stdout } = spawnSync('pdftotext', ['-layout', join(folder, 'a.pdf'), '-'], { encoding: 'utf8' });
      expect(stdout).toContain('Top customers');
      for (const amount of ['1200.00', '999.99', '851.21', '-42.50', '3008.70', '77.00'])
        expect(stdout).toContain(amount);
      expect(stdout).toContain('The total in EUR leaves out 1 row in CHF');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { XmlDocument } from 'libxml2-wasm';
import { FOREVER } from '../../billing/calendar/interval.ts';
import { command } from '../../billing/payment/command.ts';
import { parseScenario } from '../../billing/scenario/parse.ts';
import { run } from '../../billing/scenario/run.ts';
import { describeReal } from '../../test/real-parts.ts';
import { NAMESPACES, RULES } from './en16931.fixture.ts';
import { type Format, paperIn } from './formats.ts';
import { creditNotePaper, invoicePaper, type Paper } from './paper.ts';
import { statementPaper, statementPdf } from './statement.ts';
import { paperUbl } from './ubl.ts';
import { DOCUMENT_LANGUAGES, wordsOf } from './words.ts';

// Fonts are read and subset for each document.
jest.setTimeout(60_000);

const SELLER = {
  name: 'Beispiel Cloud GmbH',
  address: { lines: ['Hauptstraße 1'], postalCode: '10115', city: 'Berlin', country: 'DE' },
  taxId: 'DE123456789',
  iban: 'DE02120300000000202051',
};
const BUYER = {
  name: 'Καφέ Αθήνα — Юрій & Łódź <Ltd>',
  address: { lines: ['Ερμού 5'], postalCode: '10563', city: 'Αθήνα', country: 'GR' },
  taxId: 'EL123456789',
};

interface Story {
  language?: string;
  tax?: object[];
  fees?: number;
  currency?: string;
}

/** A month with a discount, usage and a credit of 20.00; then 10.00 of the first line are given back. */
function story({ language = 'de', tax = [{ rate: 19 }], fees = 1, currency = 'EUR' }: Story = {}) {
  const names = Array.from({ length: fees }, (_, index) => `fee-${index + 1}`);
  const parsed = parseScenario({
    timezone: 'Europe/Berlin',
    currency,
    documents: { language, seller: SELLER, buyer: BUYER },
    steps: [
      {
        at: '2026-01-10',
        apply: [
          ...tax.map((spec, index) => ({ kind: 'TaxRule', name: `tax-${index}`, spec })),
          { kind: 'Meter', name: 'calls', spec: {} },
          { kind: 'Campaign', name: 'spring', spec: { percentOff: 10 } },
          {
            kind: 'Bundle',
            name: 'plan',
            spec: {
              charges: [
                ...names.map((name) => ({ name, product: `Rechner ${name}`, timing: 'ARREARS' })),
                { name: 'calls', product: 'calls', type: 'USAGE', taxCode: 'calls' },
              ],
            },
          },
          {
            kind: 'RateCard',
            name: 'prices',
            spec: {
              revisions: [{ prices: { calls: 0.013, ...Object.fromEntries(names.map((name) => [name, '1234.56'])) } }],
            },
          },
          { kind: 'Subscription', name: 's1', spec: { bundle: 'plan', campaigns: ['spring'] } },
        ],
      },
      {
        at: '2026-01-20',
        usage: [{ meter: 'calls', from: '2026-01-19', quantity: 12345.678 }],
        credit: { amount: '20.00' },
      },
      { at: '2026-02-11', adjust: { line: 'last/1', amount: '10.00' } },
    ],
  });
  if ('faults' in parsed) throw new Error(parsed.faults.join('\n'));
  const books = run(parsed.scenario);
  const context = { ...parsed.scenario.letterhead, currency, zone: 'Europe/Berlin' };
  const [invoice] = books.invoices;
  const [note] = books.creditNotes;
  if (invoice === undefined || note === undefined) throw new Error('the story has no documents');
  return {
    books,
    context,
    invoice: invoicePaper(invoice, context),
    note: creditNotePaper(note, invoice, context),
  };
}

const written = async (paper: Paper, format: Format) => {
  const result = await paperIn(format, paper);
  if ('faults' in result) throw new Error(result.faults.join('\n'));
  return result.content;
};

describe('EN 16931 as UBL', () => {
  it.each<[string, Story]>([
    ['one rate', {}],
    ['prices that hold the tax', { tax: [{ rate: 19, inclusive: true }] }],
    ['two rates', { tax: [{ rate: 19 }, { rate: 7, taxCode: 'calls' }] }],
    ['no tax at all', { tax: [] }],
    ['something exempt beside something taxed', { tax: [{ rate: 7, taxCode: 'calls' }] }],
    ['a rate of nothing', { tax: [{ rate: 0 }] }],
    ['an exemption', { tax: [{ rate: 0, category: 'E', reason: 'Article 135' }] }],
    ['a tax that the buyer owes', { tax: [{ rate: 0, category: 'AE', reason: 'Reverse charge' }] }],
    ['a supply within the Union', { tax: [{ rate: 0, category: 'K', reason: 'Intra-community supply' }] }],
    ['an export', { tax: [{ rate: 0, category: 'G', reason: 'Export' }] }],
  ])('keeps the rules with %s', (_name, about) => {
    const { invoice, note } = story(about);
    for (const paper of [invoice, note]) expect(broken(xmlOf(paper))).toEqual([]);
  });

  it('names no VAT identifier where nothing has to do with VAT', () => {
    const { invoice } = story({ tax: [] });
    const outside = { ...invoice, seller: { ...invoice.seller, taxId: undefined, registration: 'HRB 1' } };
    expect(broken(xmlOf(outside))).toEqual([]);
    expect(xmlOf(outside)).not.toContain('EL123456789');
    expect(textAt(xmlOf(outside), '//cac:TaxSubtotal//cbc:ID')).toBe('O');
  });

  it('says what the books say', () => {
    const { invoice, note } = story();
    const read = (paper: Paper, path: string) => textAt(xmlOf(paper), path);
    expect(read(invoice, '//cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount')).toBe('1494.09');
    expect(read(invoice, '//cac:LegalMonetaryTotal/cbc:PrepaidAmount')).toBe('20.00');
    expect(read(invoice, '//cac:LegalMonetaryTotal/cbc:PayableAmount')).toBe('1474.09');
    expect(read(invoice, '//cac:AccountingCustomerParty//cbc:RegistrationName')).toBe(BUYER.name);
    expect(read(invoice, '//cac:InvoiceLine[1]/cac:InvoicePeriod/cbc:EndDate')).toBe('2026-02-09');
    expect(read(note, '//cac:BillingReference//cbc:ID')).toBe('INV-2026-00001');
    expect(read(note, '//cac:LegalMonetaryTotal/cbc:PayableAmount')).toBe('11.90');
  });

  it('says by which address each side is reached, and whereto a supply within the Union went', () => {
    const { invoice } = story({ tax: [{ rate: 0, category: 'K', reason: 'Intra-community supply' }] });
    const xml = xmlOf({ ...invoice, buyer: { ...invoice.buyer, email: 'ap@example.com' } });
    expect(textAt(xml, '//cac:AccountingCustomerParty//cbc:EndpointID[@schemeID = "EM"]')).toBe('ap@example.com');
    expect(xml.match(/<cbc:EndpointID/g)).toHaveLength(1);
    expect(textAt(xml, '//cac:DeliveryLocation//cbc:IdentificationCode')).toBe('GR');
  });

  it('refuses a category that contradicts its rate', () => {
    for (const tax of [
      { rate: 0, category: 'S' },
      { rate: 5, category: 'Z' },
    ])
      expect(paperUbl(story({ tax: [tax] }).invoice)).toEqual({ faults: [expect.stringContaining('BR-S-05')] });
  });

  it('refuses what the standard cannot say, with every reason', () => {
    const { invoice } = story({ tax: [{ rate: 19 }, { rate: 2 }] });
    const bare = { ...invoice, seller: { name: '', address: { lines: [] } } };
    expect(paperUbl({ ...bare, currency: 'KWD' })).toEqual({
      faults: [
        expect.stringContaining('BR-DEC: KWD'),
        expect.stringContaining('BR-06: the seller has no name'),
        expect.stringContaining("BR-09: the seller's address has no country"),
        expect.stringContaining('BR-S-02'),
        expect.stringContaining('BR-CO-4: a line has two taxes'),
      ],
    });
  });

  it('the rules find what is planted', () => {
    const xml = xmlOf(story().invoice);
    const wrong = (from: RegExp, to: string) => broken(xml.replace(from, to));
    expect(wrong(/1494\.09/, '1494.10')).toContain('BR-CO-15');
    expect(wrong(/<cbc:DueDate>.*<\/cbc:DueDate>/, '')).toEqual(['BR-CO-25']);
    expect(wrong(/>144\.44</, '>144.45<')).toEqual(
      expect.arrayContaining(['BR-CO-10', 'BR-S-08', 'price times quantity is the line']),
    );
  });
});

describe('CSV', () => {
  it('is a row for each line, and no cell is a formula', async () => {
    const { invoice } = story();
    const [first, ...more] = invoice.lines;
    if (first === undefined) throw new Error('no line');
    const evil = { ...first, product: '=HYPERLINK("http://example.org","a, b")', kind: '@SUM', quantity: '-1.5' };
    const [head, row, , end] = String(await written({ ...invoice, lines: [evil, ...more] }, 'csv')).split('\r\n');
    expect(head).toMatch(/^document,number,issued_on,due_on,currency,line,kind,product,/);
    expect(row).toContain(
      `,'@SUM,"'=HYPERLINK(""http://example.org"",""a, b"")",2026-01-10,2026-02-09,-1.5,160.49,16.05,`,
    );
    expect(end).toBe('');
  });
});

describe('JSON', () => {
  it('has all amounts as texts', async () => {
    expect(JSON.parse(String(await written(story().invoice, 'json')))).toMatchObject({
      number: 'INV-2026-00001',
      seller: SELLER,
      lines: [{ amount: '160.49', net: '144.44', tax: '27.44', taxes: ['tax-0'] }, { amount: '1234.56' }],
      taxes: [{ rate: '19', category: 'S', net: '1255.54', tax: '238.55' }],
      total: '1494.09',
      due: '1474.09',
    });
  });
});

describe('words', () => {
  it('are complete in every language', () => {
    const english = Object.keys(wordsOf('en'));
    for (const language of DOCUMENT_LANGUAGES) {
      const words = wordsOf(language);
      expect(Object.entries(words).filter(([, word]) => word === '')).toEqual([]);
      expect(Object.keys(words)).toEqual(english);
    }
    expect(wordsOf('de-AT').invoice).toBe('Rechnung');
    expect(wordsOf('zz').invoice).toBe('Invoice');
  });
});

describeReal('PDF, read back', ['pdftotext'], () => {
  it('has the figures of the books, in the language and script of the account', async () => {
    const { invoice, note } = story();
    const text = pdfText((await written(invoice, 'pdf')) as Uint8Array);
    for (const part of [BUYER.name, 'Rechnung INV-2026-00001', '12.345,678', '1.474,09 €', '10.01.2026 – 09.02.2026'])
      expect(text).toContain(part);
    expect(pdfText((await written(note, 'pdf')) as Uint8Array)).toMatch(/Gutschrift CN-2026-00001[\s\S]*11,90 €/);
    const greek = pdfText((await written({ ...invoice, language: 'el' }, 'pdf')) as Uint8Array);
    expect(greek).toContain('Τιμολόγιο INV-2026-00001');
    const japanese = story({ currency: 'EUR', language: 'en-GB' });
    expect(pdfText((await written(japanese.invoice, 'pdf')) as Uint8Array)).toContain('€1,474.09');
  });

  it.each(['HUF', 'JPY', 'KWD', 'IQD'])('writes amounts with every digit of the books: %s', async (currency) => {
    const { invoice } = story({ currency });
    const amounts = pdfText((await written(invoice, 'pdf')) as Uint8Array).split('\n');
    const digits = amounts.filter((row) => /Zu zahlen|Zwischensumme/.test(row)).map((row) => row.replace(/\D/g, ''));
    expect(digits).toEqual([`${invoice.subtotal}`, `${invoice.due}`]);
  });

  it('goes on over pages, with every line, its heading on each and a count at the foot', async () => {
    const text = pdfText((await written(story({ fees: 120 }).invoice, 'pdf')) as Uint8Array);
    for (let fee = 1; fee <= 120; fee += 1) expect(text).toMatch(new RegExp(`Rechner fee-${fee}\\b`));
    const pages = text.split('\f').slice(0, -1);
    expect(pages.length).toBeGreaterThan(3);
    for (const [index, page] of pages.entries()) expect(page).toContain(`Seite ${index + 1} / ${pages.length}`);
    expect(pages.filter((page) => page.includes('Beschreibung')).length).toBeGreaterThanOrEqual(pages.length - 1);
  });

  it('is the same bytes for the same document', async () => {
    const { invoice } = story();
    expect(await written(invoice, 'pdf')).toEqual(await written(invoice, 'pdf'));
  });

  it('a statement leads from what was owed to what is', async () => {
    const { books, context } = story();
    const paper = statementPaper(books, { from: 0, to: FOREVER / 100 }, context);
    expect(paper.opening + paper.charges - paper.payments - paper.credits).toBe(paper.net);
    const text = pdfText(await statementPdf(paper));
    expect(text).toMatch(
      /Kontoauszug[\s\S]*Rechnung INV-2026-00001[\s\S]*1\.494,09 €[\s\S]*Gutschrift CN-2026-00001[\s\S]*Endsaldo/,
    );
  });

  it('a statement names what a payment is known by', async () => {
    const { books, context } = story();
    const [invoice] = books.invoices;
    if (invoice === undefined) throw new Error('nothing was issued');
    const wish = { type: 'pay', invoice: invoice.number, amount: 1000n, key: 'k-1', reference: 'transfer 7' } as const;
    const paid = command(books, wish, invoice.issuedAt + 1);
    if (paid.outcome === 'refused') throw new Error(paid.code);
    const paper = statementPaper(paid.books, { from: 0, to: FOREVER / 100 }, context);
    const entry = { type: 'PAYMENT', number: invoice.number, reference: 'transfer 7', amount: -1000n };
    expect(paper.entries.filter(({ type }) => type === 'PAYMENT')).toMatchObject([entry]);
    expect(pdfText(await statementPdf(paper))).toContain(`${invoice.number} (transfer 7)`);
  });
});

function xmlOf(paper: Paper): string {
  const result = paperUbl(paper);
  if ('faults' in result) throw new Error(result.faults.join('\n'));
  return result.xml;
}

function broken(xml: string): string[] {
  const document = XmlDocument.fromString(xml);
  try {
    return Object.entries(RULES).flatMap(([name, rule]) =>
      document.eval(`boolean(${rule})`, NAMESPACES) === true ? [] : [name],
    );
  } finally {
    document.dispose();
  }
}

function textAt(xml: string, path: string): string {
  const document = XmlDocument.fromString(xml);
  try {
    return String(document.eval(`string(${path})`, NAMESPACES));
  } finally {
    document.dispose();
  }
}

function pdfText(bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'steward-pdf-'));
  try {
    writeFileSync(join(folder, 'a.pdf'), bytes);
    const { stdout, stderr } = spawnSync('pdftotext', ['-layout', join(folder, 'a.pdf'), '-'], { encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FOREVER } from '../calendar/interval.ts';
import { parseLocal } from '../calendar/zone.ts';
import type { CreditNote, Invoice, InvoiceLine } from '../document/document.ts';
import {
  deferredOf,
  deferredRevenue,
  nextRecognition,
  type Recognition,
  recognitionsDue,
  stillDeferred,
} from './recognition.ts';

const ZONE = 'Europe/Berlin';
const at = (text: string) => parseLocal(text, ZONE) ?? 0;
const DAY_MS = 86_400_000;

interface Fee {
  from: string;
  to: string;
  net: bigint;
}

function invoiceOf(fees: readonly Fee[], issued: string, recognition: 'DAILY' | 'MONTHLY'): Invoice {
  const lines = fees.map(({ from, to, net }, index) => {
    const service = { from: at(from), to: at(to) };
    const deferred = deferredOf(service, { net, at: at(issued), zone: ZONE });
    return { id: `I/${index + 1}`, ...service, deferred, amount: net };
  });
  return {
    number: 'I',
    issuedAt: at(issued),
    zone: ZONE,
    recognition,
    lines: lines as unknown as InvoiceLine[],
  } as unknown as Invoice;
}

function noteOf(
  invoice: Invoice,
  before: readonly CreditNote[],
  wish: { line: string; net: bigint; at: number },
): CreditNote {
  const left = stillDeferred(invoice, wish.line, before, wish.at);
  const undeferred = wish.net < left ? wish.net : left;
  const line = { corrects: wish.line, net: wish.net, undeferred };
  return { number: `N${before.length + 1}`, invoice: 'I', issuedAt: wish.at, lines: [line] } as unknown as CreditNote;
}

const booksOf = (
  invoice: Invoice,
  creditNotes: readonly CreditNote[] = [],
  recognitions: readonly Recognition[] = [],
) => ({
  invoices: [invoice],
  creditNotes,
  recognitions,
});

describe('revenue that is recognised with time', () => {
  it('takes each day its part, rounded down in sum, and the last day what is left', () => {
    const invoice = invoiceOf([{ from: '2026-02-01', to: '2026-02-04', net: 100n }], '2026-02-01', 'DAILY');
    const found = recognitionsDue(booksOf(invoice), at('2026-03-01'));
    expect(found.map(({ id, amount, recognised }) => [id, amount, recognised])).toEqual([
      ['I/2026-02-02', 33n, 33n],
      ['I/2026-02-03', 33n, 66n],
      ['I/2026-02-04', 34n, 100n],
    ]);
  });

  it('takes each month the days that it had, at local midnights across daylight saving', () => {
    const invoice = invoiceOf([{ from: '2026-02-15', to: '2026-05-15', net: 8900n }], '2026-02-15', 'MONTHLY');
    const found = recognitionsDue(booksOf(invoice), at('2026-06-01'));
    expect(found.map(({ at: midnight, amount }) => [new Date(midnight).toISOString(), amount])).toEqual([
      ['2026-02-28T23:00:00.000Z', 1400n],
      ['2026-03-31T22:00:00.000Z', 3100n],
      ['2026-04-30T22:00:00.000Z', 3000n],
      ['2026-05-14T22:00:00.000Z', 1400n],
    ]);
  });

  it('defers nothing that has passed when it is issued, and nothing that is below 0', () => {
    const service = { from: at('2026-02-01'), to: at('2026-03-01') };
    expect(deferredOf(service, { net: 2800n, at: at('2026-02-15T13:00:00'), zone: ZONE })).toBe(1400n);
    expect(deferredOf(service, { net: 2800n, at: at('2026-03-01'), zone: ZONE })).toBe(0n);
    expect(deferredOf(service, { net: -2800n, at: at('2026-02-01'), zone: ZONE })).toBe(0n);
  });

  it('takes a note from what is deferred, and spreads the rest over the days that are left', () => {
    const invoice = invoiceOf([{ from: '2026-06-01', to: '2026-06-11', net: 1000n }], '2026-06-01', 'MONTHLY');
    const note = noteOf(invoice, [], { line: 'I/1', net: 300n, at: at('2026-06-05T18:00:00') });
    expect(note.lines[0]?.undeferred).toBe(300n);
    const amounts = recognitionsDue(booksOf(invoice, [note]), at('2026-07-01')).map((each) => [each.id, each.amount]);
    // Four days of 100 were earned; 600 were left, of which 300 went back.
    expect(amounts).toEqual([
      ['I/2026-06-05', 400n],
      ['I/2026-06-11', 300n],
    ]);
  });

  it('takes two notes of one day from what is deferred, and no more than that together', () => {
    const invoice = invoiceOf([{ from: '2026-06-01', to: '2026-06-11', net: 1000n }], '2026-06-01', 'DAILY');
    const first = noteOf(invoice, [], { line: 'I/1', net: 400n, at: at('2026-06-05T10:00:00') });
    const second = noteOf(invoice, [first], { line: 'I/1', net: 400n, at: at('2026-06-05T11:00:00') });
    expect([first, second].map(({ lines }) => lines[0]?.undeferred)).toEqual([400n, 200n]);
    const due = recognitionsDue(booksOf(invoice, [first, second]), at('2026-07-01'));
    expect(deferredRevenue(booksOf(invoice, [first, second], due))).toBe(0n);
  });

  it('takes what is more than that from revenue: nothing is deferred any more', () => {
    const invoice = invoiceOf([{ from: '2026-06-01', to: '2026-06-11', net: 1000n }], '2026-06-01', 'DAILY');
    const note = noteOf(invoice, [], { line: 'I/1', net: 800n, at: at('2026-06-09') });
    expect(note.lines[0]?.undeferred).toBe(200n);
    const known = booksOf(invoice, [note], recognitionsDue(booksOf(invoice, [note]), at('2026-06-09')));
    expect(deferredRevenue(known)).toBe(0n);
    expect(nextRecognition(known, at('2026-06-09'))).toBe(FOREVER);
  });

  it('comes to the line, whatever notes come when, and jumping is walking', () => {
    const fee = fc.record({
      start: fc.integer({ min: 0, max: 40 }),
      days: fc.integer({ min: 1, max: 100 }),
      net: fc.bigInt(1n, 99_999n),
    });
    const wish = fc.record({
      line: fc.nat(2),
      day: fc.integer({ min: 0, max: 130 }),
      part: fc.integer({ min: 1, max: 100 }),
    });
    const rule = fc.constantFrom('DAILY' as const, 'MONTHLY' as const);
    fc.assert(
      fc.property(
        fc.array(fee, { minLength: 1, maxLength: 3 }),
        fc.array(wish, { maxLength: 4 }),
        rule,
        (fees, wishes, recognition) => {
          const day = (count: number) => new Date(Date.UTC(2026, 1, 1) + count * DAY_MS).toISOString().slice(0, 10);
          const lines = fees.map(({ start, days, net }) => ({ from: day(start), to: day(start + days), net }));
          const invoice = invoiceOf(lines, '2026-02-20', recognition);
          const end = at('2026-09-01');
          let notes: CreditNote[] = [];
          let walked: Recognition[] = [];
          for (const { line, day: count, part } of wishes.toSorted((a, b) => a.day - b.day)) {
            const now = at(`${day(19 + count)}T10:00:00`);
            walked = walk(invoice, notes, walked, now);
            const given = notes.flatMap((note) => note.lines).filter(({ corrects }) => corrects === `I/${line + 1}`);
            const left = (lines[line]?.net ?? 0n) - given.reduce((sum, { net }) => sum + net, 0n);
            const net = (left * BigInt(part)) / 100n;
            if (net > 0n) notes = [...notes, noteOf(invoice, notes, { line: `I/${line + 1}`, net, at: now })];
            walked = [...walked, ...recognitionsDue(booksOf(invoice, notes, walked), now)];
          }
          walked = walk(invoice, notes, walked, end);
          const known = booksOf(invoice, notes, walked);
          expect(deferredRevenue(known)).toBe(0n);
          expect(recognitionsDue(known, end)).toEqual([]);
          expect(walked.every(({ amount }) => amount > 0n)).toBe(true);
          expect(recognitionsDue(booksOf(invoice, notes), end)).toEqual(walked);
        },
      ),
      { seed: 13, numRuns: 150 },
    );
  });
});

/** Looks at every instant at which something becomes revenue, and never sees anything else. */
function walk(
  invoice: Invoice,
  notes: readonly CreditNote[],
  before: readonly Recognition[],
  end: number,
): Recognition[] {
  let found = [...before];
  let now = found.at(-1)?.at ?? invoice.issuedAt;
  for (let steps = 0; steps < 1000; steps += 1) {
    now = nextRecognition(booksOf(invoice, notes, found), now);
    if (now > end) break;
    const due = recognitionsDue(booksOf(invoice, notes, found), now);
    if (due.length > 1) throw new Error('a pass was missed');
    found = [...found, ...due];
  }
  return found;
}

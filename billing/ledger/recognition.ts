import { type Day, dayFrom, dayNumber, partsOf } from '../calendar/civil.ts';
import { FOREVER, type Instant, type Interval } from '../calendar/interval.ts';
import { dayOf, startOfDay } from '../calendar/zone.ts';
import type { CreditNote, Invoice } from '../document/document.ts';
import { groupBy, total } from '../group.ts';

/** What became revenue of an invoice that was charged ahead, up to a midnight. */
export interface Recognition {
  id: string;
  invoice: string;
  at: Instant;
  /** Above 0. */
  amount: bigint;
  /** Of the invoice, with this one. */
  recognised: bigint;
}

/** When a fee that is charged ahead becomes revenue: with its invoice, or with the days, or the months, that it pays for. */
export const RECOGNITIONS = ['AT_ISSUE', 'DAILY', 'MONTHLY'] as const;
export type RecognitionRule = (typeof RECOGNITIONS)[number];

interface Known {
  invoices: readonly Invoice[];
  creditNotes: readonly CreditNote[];
  recognitions: readonly Recognition[];
}

/** What of a line's net amount is for days that had not passed when it was issued. */
export function deferredOf(service: Interval, { net, at, zone }: { net: bigint; at: Instant; zone: string }): bigint {
  if (net <= 0n) return 0n;
  const { first, end } = daysOf(service, zone);
  return net - share(net, { base: first, end }, dayNumber(dayOf(at, zone)));
}

/** What is still deferred of a line just before a note: that much of the note is taken from it, and only the rest from revenue. */
export function stillDeferred(invoice: Invoice, line: string, notes: readonly CreditNote[], at: Instant): bigint {
  return stateOf(invoice, line, { notes, day: dayNumber(dayOf(at, zoneOf(invoice))) }).left;
}

/**
 * All that became revenue by now and is not booked as such, an entry for each midnight that it is due at: so it does not matter how often,
 * or how late, somebody looks. Each is what has been earned in all, rounded down, less what was booked before: the last one takes the rest.
 */
export function recognitionsDue({ invoices, creditNotes, recognitions }: Known, now: Instant): Recognition[] {
  const notesOf = groupBy(creditNotes, ({ invoice }) => invoice);
  const newest = new Map(recognitions.map((each) => [each.invoice, each]));
  return invoices.filter(isDeferred).flatMap((invoice) => {
    const notes = notesOf.get(invoice.number) ?? [];
    const before = newest.get(invoice.number);
    let recognised = before?.recognised ?? 0n;
    return boundaries(invoice, notes, { after: before?.at ?? invoice.issuedAt, until: now, recognised }).flatMap(
      (at) => {
        const amount = earnedBy(invoice, notes, at) - recognised;
        if (amount <= 0n) return [];
        recognised += amount;
        const id = `${invoice.number}/${dayOf(at, zoneOf(invoice))}`;
        return [{ id, invoice: invoice.number, at, amount, recognised }];
      },
    );
  });
}

/** When the next deferred amount becomes revenue; FOREVER where none does. */
export function nextRecognition({ invoices, creditNotes, recognitions }: Known, after: Instant): Instant {
  const open = invoices.filter(isDeferred);
  if (open.length === 0) return FOREVER;
  const notesOf = groupBy(creditNotes, ({ invoice }) => invoice);
  const newest = new Map(recognitions.map((each) => [each.invoice, each.recognised]));
  return open.reduce((least, invoice) => {
    const notes = notesOf.get(invoice.number) ?? [];
    const recognised = newest.get(invoice.number) ?? 0n;
    // The first of the next month is never further away than this.
    const [next = FOREVER] = boundaries(invoice, notes, { after, until: after + 40 * DAY_MS, recognised });
    return Math.min(least, next);
  }, FOREVER);
}

/** Not yet revenue, of everything that was charged. */
export function deferredRevenue({ invoices, creditNotes, recognitions }: Known): bigint {
  const sum = total(invoices, ({ lines }) => total(lines, ({ deferred = 0n }) => deferred));
  const back = total(creditNotes, ({ lines }) => total(lines, ({ undeferred = 0n }) => undeferred));
  return sum - back - total(recognitions, ({ amount }) => amount);
}

const DAY_MS = 86_400_000;

function isDeferred({ recognition, lines }: Invoice): boolean {
  return recognition !== undefined && lines.some(({ deferred = 0n }) => deferred > 0n);
}

/** The midnights at which something of the invoice becomes revenue: none once all of it has. */
function boundaries(
  invoice: Invoice,
  notes: readonly CreditNote[],
  { after, until, recognised }: { after: Instant; until: Instant; recognised: bigint },
): Instant[] {
  const zone = zoneOf(invoice);
  const whole = deferredRevenue({ invoices: [invoice], creditNotes: notes, recognitions: [] });
  if (recognised >= whole) return [];
  const ends = invoice.lines.filter(({ deferred = 0n }) => deferred > 0n).map((line) => daysOf(line, zone).end);
  // Before a note takes something back, what was earned until its day has become revenue.
  const days = new Set([...ends, ...notes.map(({ issuedAt }) => dayNumber(dayOf(issuedAt, zone)))]);
  const isBoundary = (day: number) =>
    invoice.recognition === 'DAILY' || days.has(day) || partsOf(dayFrom(day)).dayOfMonth === 1;
  const last = Math.min(dayNumber(dayOf(until, zone)), Math.max(...ends));
  const found: Instant[] = [];
  for (let day = dayNumber(dayOf(after, zone)); day <= last; day += 1) {
    const at = startOfDay(dayFrom(day), zone);
    if (at > after && at <= until && isBoundary(day)) found.push(at);
  }
  return found;
}

function earnedBy(invoice: Invoice, notes: readonly CreditNote[], at: Instant): bigint {
  const day = dayNumber(dayOf(at, zoneOf(invoice)));
  return total(invoice.lines, ({ id }) => stateOf(invoice, id, { notes, day }).moved);
}

/** Of one line at the midnight that begins a day: what has become revenue, and what has not. */
function stateOf(
  invoice: Invoice,
  id: string,
  { notes, day }: { notes: readonly CreditNote[]; day: number },
): { moved: bigint; left: bigint } {
  const line = invoice.lines.find((each) => each.id === id);
  const deferred = line?.deferred ?? 0n;
  if (line === undefined || deferred === 0n) return { moved: 0n, left: 0n };
  const zone = zoneOf(invoice);
  const { first, end } = daysOf(line, zone);
  let base = Math.max(first, dayNumber(dayOf(invoice.issuedAt, zone)));
  let moved = 0n;
  let left = deferred;
  const advance = (to: number) => {
    const part = share(left, { base, end }, to);
    moved += part;
    left -= part;
    base = Math.max(base, to);
  };
  for (const note of notes) {
    const noted = dayNumber(dayOf(note.issuedAt, zone));
    const back = total(note.lines, ({ corrects, undeferred = 0n }) => (corrects === id ? undeferred : 0n));
    if (noted > day || back === 0n) continue;
    advance(noted);
    left -= back;
  }
  advance(day);
  return { moved, left };
}

/** The part of an amount that the days from `base` up to a day are of all until `end`, rounded down. */
function share(amount: bigint, { base, end }: { base: number; end: number }, day: number): bigint {
  if (day >= end) return amount;
  return day <= base ? 0n : (amount * BigInt(day - base)) / BigInt(end - base);
}

/** Local days as numbers; the end is exclusive. A day that is begun is paid for. */
function daysOf({ from, to }: Interval, zone: string): { first: number; end: number } {
  const first = dayNumber(dayOf(from, zone));
  return { first, end: Math.max(first, dayNumber(lastDay(to, zone))) + 1 };
}

const lastDay = (to: Instant, zone: string): Day => dayOf(to - 1, zone);

const zoneOf = ({ zone = 'UTC' }: Invoice): string => zone;

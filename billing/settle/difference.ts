import type { Instant } from '../calendar/interval.ts';
import type { InvoiceLine } from '../document/document.ts';
import { groupBy, total } from '../group.ts';
import { compare, type Rational, subtract, ZERO } from '../money/rational.ts';
import type { Facts } from './books.ts';
import type { Problem } from './context.ts';
import type { DesiredLine } from './line.ts';

/** Desired minus booked, as far as it is due. */
export interface Difference {
  additions: Addition[];
  reductions: Reduction[];
}

export interface Addition {
  line: DesiredLine;
  amount: bigint;
  corrects: string | null;
}

export interface Reduction {
  line: InvoiceLine;
  /** Above 0. */
  gross: bigint;
}

export interface DifferenceInput {
  desired: readonly DesiredLine[];
  problems: readonly Problem[];
  booked: Pick<Facts, 'invoices' | 'creditNotes'>;
  /** From when a charge that is not wished any more may be credited, by subscription. */
  reducibleAt: (subscription: string) => Instant;
  /** By subscription: lines of periods that end by then are as they should be. */
  since: ReadonlyMap<string, Instant>;
  /** Late usage credits the line and bills it anew, instead of billing the difference. */
  rebill: boolean;
}

export function difference(input: DifferenceInput, now: Instant): Difference {
  const booked = groupBy(
    input.booked.invoices.flatMap(({ lines }) =>
      lines.filter(({ period, subscription }) => period.to > (input.since.get(subscription) ?? 0)),
    ),
    ({ key }) => key,
  );
  const credited = creditedBy(input.booked);
  const result: Difference = { additions: [], reductions: [] };
  const wished = new Set<string>();
  for (const line of input.desired) {
    wished.add(line.key);
    const standing = booked.get(line.key) ?? [];
    if ((standing.length === 0 ? line.settleAt : line.correctAt) > now) continue;
    compareLine(line, standing, { credited, result, rebill: input.rebill });
  }
  // What could not be priced just now is unknown, not unwished: nothing of it is credited.
  const troubled = new Set(input.problems.map(({ subject }) => subject));
  for (const [key, lines] of booked) {
    const first = lines[0];
    if (wished.has(key) || first === undefined || troubled.has(first.charge)) continue;
    if (input.reducibleAt(first.subscription) <= now)
      result.reductions.push(...reduce(lines, stands(lines, credited), credited));
  }
  return { ...result, additions: result.additions.filter(accompanied(result.additions)) };
}

/**
 * What costs nothing stands on the invoice of what comes due with it, for people to read. On no later one: free months would wait for
 * years, and be billed together.
 */
function accompanied(additions: readonly Addition[]): (addition: Addition) => boolean {
  const charged = new Set(additions.flatMap(({ amount, line }) => (amount === 0n ? [] : [line.settleAt])));
  return ({ amount, line }) => amount !== 0n || charged.has(line.settleAt);
}

/** Of each line, in minor units before discounts: by credits for service not used, and by adjustments. */
export type Credited = ReadonlyMap<string, Record<'credit' | 'adjustment', bigint>>;

export function creditedBy({ creditNotes }: Pick<Facts, 'creditNotes'>): Credited {
  const found = new Map<string, Record<'credit' | 'adjustment', bigint>>();
  for (const { corrects, kind, gross } of creditNotes.flatMap(({ lines }) => lines)) {
    const sums = found.get(corrects) ?? { credit: 0n, adjustment: 0n };
    found.set(
      corrects,
      kind === 'CREDIT' ? { ...sums, credit: sums.credit + gross } : { ...sums, adjustment: sums.adjustment + gross },
    );
  }
  return found;
}

interface Comparison {
  credited: Credited;
  result: Difference;
  rebill: boolean;
}

function compareLine(
  line: DesiredLine,
  booked: readonly InvoiceLine[],
  { credited, result, rebill }: Comparison,
): void {
  const first = booked[0];
  if (first === undefined) {
    const isTold = line.kind !== 'COMMITMENT' && compare(line.quantity, ZERO) > 0;
    if (line.amount !== 0n || isTold) result.additions.push({ line, amount: line.amount, corrects: null });
    return;
  }
  const standing = stands(booked, credited);
  const more = line.amount - standing;
  if (line.rebill === true && more !== 0n) {
    anew(line, { booked, standing, first }, { credited, result });
    return;
  }
  if (more < 0n) result.reductions.push(...reduce(booked, -more, credited));
  if (more <= 0n) return;
  if (!rebill || line.kind !== 'USAGE') {
    result.additions.push({ line: { ...line, quantity: added(line, booked) }, amount: more, corrects: first.id });
    return;
  }
  const reductions = reduce(booked, standing, credited);
  result.reductions.push(...reductions);
  result.additions.push({ line, amount: more + total(reductions, ({ gross }) => gross), corrects: first.id });
}

/** What came on top, where it was counted: the lines of a period together say how much there was in it. */
function added({ quantity }: DesiredLine, booked: readonly InvoiceLine[]): Rational {
  const more = booked.reduce((rest, line) => subtract(rest, line.quantity), quantity);
  return compare(more, ZERO) > 0 ? more : quantity;
}

/** Credited whole, as far as it may be, and billed with what the whole line is now. */
function anew(
  line: DesiredLine,
  { booked, standing, first }: { booked: readonly InvoiceLine[]; standing: bigint; first: InvoiceLine },
  { credited, result }: Pick<Comparison, 'credited' | 'result'>,
): void {
  const reductions = reduce(booked, standing, credited);
  const gone = total(reductions, ({ gross }) => gross);
  result.reductions.push(...reductions);
  const amount = line.amount - (standing - gone);
  if (amount > 0n) result.additions.push({ line, amount, corrects: first.id });
}

/** What lines still charge. Adjustments are somebody's gift: they are not part of the sum, so that nothing claws them back. */
function stands(lines: readonly InvoiceLine[], credited: Credited): bigint {
  return total(lines, ({ id, amount }) => amount - (credited.get(id)?.credit ?? 0n));
}

/** Newest lines first, each by no more than what is left of it after credits and adjustments. */
function reduce(lines: readonly InvoiceLine[], by: bigint, credited: Credited): Reduction[] {
  let open = by;
  return lines.toReversed().flatMap((line) => {
    const { credit, adjustment } = credited.get(line.id) ?? { credit: 0n, adjustment: 0n };
    const left = line.amount - credit - adjustment;
    const gross = left < open ? left : open;
    if (gross <= 0n) return [];
    open -= gross;
    return [{ line, gross }];
  });
}

import type { Instant, Interval } from '../calendar/interval.ts';
import { dayOf } from '../calendar/zone.ts';
import type { Rational } from '../money/rational.ts';
import type { RoundingMode } from '../money/rounding.ts';
import type { Explanation, LineKind } from '../settle/line.ts';
import type { Draw } from '../usage/entitlement.ts';
import type { TaxGroup } from './tax.ts';

/** A line as it was issued. It never changes again: credit notes refer to it. */
export interface InvoiceLine extends Interval {
  /** The invoice's number and its place on it. */
  id: string;
  key: string;
  subscription: string;
  charge: string;
  product: string;
  taxCode: string;
  kind: LineKind;
  period: Interval;
  quantity: Rational;
  /** What this line added to the books, before discounts. */
  amount: bigint;
  discounts: readonly { campaign: string; amount: bigint }[];
  /** The line whose charge this one completes, such as late usage. */
  corrects: string | null;
  explanation: Explanation;
  draws: readonly Draw[];
  /** Who used it, and the local month that its service begins in: what spend counters add up. */
  user?: string;
  month?: string;
  /** Of its net amount, what is for days that had not passed when it was issued: not yet revenue. */
  deferred?: bigint;
}

export interface Invoice {
  number: string;
  issuedAt: Instant;
  dueAt: Instant;
  lines: readonly InvoiceLine[];
  taxes: readonly TaxGroup[];
  /** Who found the taxes; without it, the rules of the catalog did. */
  taxedBy?: string;
  subtotal: bigint;
  discount: bigint;
  tax: bigint;
  total: bigint;
  /** Taken from the account's credit, and from wallets, when it was issued. */
  credits: bigint;
  wallet: bigint;
  /** Whose days its lines are in, and by which edition of the zones' rules. */
  zone?: string;
  zoneRules?: string;
  /** How what its lines defer becomes revenue; without it, nothing is deferred. */
  recognition?: 'DAILY' | 'MONTHLY';
  /** As it was when this was issued: its credit notes round alike. */
  rounding: Record<'charge' | 'discount' | 'tax', RoundingMode>;
}

/** The local month that a line's service begins in; lines of before there were spend counters do not say it. */
export function monthOf({ month, from }: Pick<InvoiceLine, 'month' | 'from'>, zone = 'UTC'): string {
  return month ?? dayOf(from, zone).slice(0, 7);
}

export interface CreditNoteLine extends Interval {
  id: string;
  /** The line that it corrects: tax rate, price and discount come from there. */
  corrects: string;
  product: string;
  quantity: Rational;
  /** CREDIT: service that was not used. ADJUSTMENT: somebody's decision. */
  kind: 'CREDIT' | 'ADJUSTMENT';
  lineKind: LineKind;
  /** Of the line's amount before discounts. */
  gross: bigint;
  /** After its share of the line's discounts. */
  net: bigint;
  /** Of the line. */
  user?: string;
  month?: string;
  /** What of it had not become revenue yet. */
  undeferred?: bigint;
}

export interface CreditNote {
  number: string;
  invoice: string;
  issuedAt: Instant;
  lines: readonly CreditNoteLine[];
  /** By the invoice's tax groups, in their order. */
  taxes: readonly bigint[];
  subtotal: bigint;
  tax: bigint;
  /** Becomes the account's credit. */
  total: bigint;
  reason: string;
}

export const discountOf = ({ discounts }: InvoiceLine): bigint =>
  discounts.reduce((sum, { amount }) => sum + amount, 0n);

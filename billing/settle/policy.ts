import type { Proration } from '../calendar/proration.ts';
import type { RecognitionRule } from '../ledger/recognition.ts';
import type { RoundingMode } from '../money/rounding.ts';
import type { GapPolicy } from '../usage/journal.ts';

/** How one account is billed. */
export interface Policy extends Proration {
  /** INCLUSIVE: the day of termination counts as used. */
  terminationDay: 'EXCLUSIVE' | 'INCLUSIVE';
  /** What happens to a fee paid in advance when the subscription ends early. */
  onCancel: (typeof ON_CANCEL)[number];
  onChange: 'IMMEDIATE' | 'PERIOD_END' | 'FORBIDDEN';
  /** Whether a subscription is charged from its start, or once all that it is for stands. */
  begins: 'AT_ONCE' | 'WHEN_PROVISIONED';
  billing: 'ANNIVERSARY' | 'CALENDAR';
  /** 1 to 31; null: the anchor's own day. */
  billingDay: number | null;
  rounding: Record<'charge' | 'discount' | 'tax', RoundingMode>;
  /** One rounding per group of a rate, or one per line. */
  taxRounding: 'GROUP' | 'LINE';
  /** When a fee that is charged ahead becomes revenue. */
  recognition: RecognitionRule;
  /** How long a draft with usage collects after its billing instant. */
  collectionWindowMs: number;
  /** How long every draft waits. */
  draftWindowMs: number;
  lateUsage: (typeof LATE_USAGE)[number];
  /** Periods back that late usage is still billed for; null: as far as its age allows. */
  lateUsagePeriods: number | null;
  usageMaxAgeDays: number;
  /** Holes in what was observed, where nothing proves that a thing stood. */
  gaps: GapPolicy;
  dueDays: number;
  /** Days that a hold blocks are not charged. */
  creditBlockedDays: boolean;
  /** More new lines for one subscription in one pass park the account. */
  linesPerSubscriptionMax: number;
  /** A draft that is more than so many times what invoices usually are parks the account; 0: however much it is. */
  unusualFactor: number;
  /** In major units: drafts below are never unusual. */
  unusualFrom: bigint;
  /** Nothing is billed for service that ended longer ago. */
  horizonMonths: number;
}

/** What was paid ahead becomes credit, goes back, or stays owed. */
export const ON_CANCEL = ['CREDIT', 'REFUND', 'NONE'] as const;

/** What becomes of usage that comes after its period was issued: told and left; kept as a row of a feed; billed next; billed anew. */
export const LATE_USAGE = ['IGNORE_AND_REPORT', 'FEED_ONLY', 'NEXT_INVOICE', 'CREDIT_REBILL'] as const;

export const DEFAULT_POLICY: Policy = {
  unit: 'DAY',
  basis: 'ACTUAL',
  terminationDay: 'EXCLUSIVE',
  onCancel: 'CREDIT',
  onChange: 'IMMEDIATE',
  begins: 'AT_ONCE',
  billing: 'ANNIVERSARY',
  billingDay: null,
  rounding: { charge: 'HALF_UP', discount: 'HALF_UP', tax: 'HALF_UP' },
  taxRounding: 'GROUP',
  recognition: 'AT_ISSUE',
  collectionWindowMs: 3_600_000,
  draftWindowMs: 0,
  lateUsage: 'NEXT_INVOICE',
  lateUsagePeriods: null,
  usageMaxAgeDays: 90,
  gaps: 'FREE',
  dueDays: 30,
  creditBlockedDays: false,
  linesPerSubscriptionMax: 500,
  unusualFactor: 5,
  unusualFrom: 1000n,
  horizonMonths: 36,
};

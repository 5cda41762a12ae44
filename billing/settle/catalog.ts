import type { PeriodLength } from '../calendar/period.ts';
import type { Campaign } from '../document/discount.ts';
import type { TaxRule } from '../document/tax.ts';
import type { Rational } from '../money/rational.ts';
import type { RateCard } from '../price/rate-card.ts';
import type { EntitlementScope } from '../usage/entitlement.ts';
import type { Meter } from '../usage/mediation.ts';

/** What is sold, and at which prices: everything that one account can see. */
export interface Catalog {
  bundles: ReadonlyMap<string, Bundle>;
  meters: readonly Meter[];
  card: RateCard;
  campaigns: ReadonlyMap<string, Campaign>;
  taxRules: readonly TaxRule[];
}

export interface Bundle {
  name: string;
  charges: readonly Charge[];
  entitlements: readonly Entitlement[];
  /** Local days from the subscription's start that cost nothing. */
  trialDays: number;
  /** Only what is published can be subscribed to; who has it keeps it. */
  isPublished: boolean;
  /** How many living subscriptions to it there may be. */
  constraint: BundleConstraint;
  components: readonly ComponentRule[];
}

/** SINGLETON: one an account. PER_USER: one a user. ACCOUNT: any number, of no user. NONE: any number. */
export type BundleConstraint = (typeof BUNDLE_CONSTRAINTS)[number];

export const BUNDLE_CONSTRAINTS = ['NONE', 'SINGLETON', 'ACCOUNT', 'PER_USER'] as const;

/** What may be chosen with it: of a component only these values, or all but these. */
export interface ComponentRule {
  component: string;
  mode: 'INCLUDES' | 'EXCLUDES';
  values: readonly string[];
}

interface ChargeBase {
  /** Unique in the catalog: bundles that share a charge continue it when one is changed for the other. */
  name: string;
  /** The price's name in the rate card. */
  price: string;
  /** What documents call it. */
  product: string;
  taxCode: string;
}

export type Charge = RecurringCharge | OneTimeCharge | UsageCharge | CommitmentCharge;

export interface RecurringCharge extends ChargeBase {
  type: 'RECURRING';
  every: PeriodLength;
  timing: 'ADVANCE' | 'ARREARS';
}

/** Once, when the subscription begins to be billed. */
export interface OneTimeCharge extends ChargeBase {
  type: 'ONE_TIME';
}

export interface UsageCharge extends ChargeBase {
  type: 'USAGE';
  every: PeriodLength;
  /** A line for each set of values of these attributes. */
  splitBy: readonly string[];
  /** Steps of tiers, and their flat prices, shrink with the part of the period that was in force. */
  prorateTiers: boolean;
}

/** The price is the least to be spent in a period, and a true-up makes up for what was not; or the most, and more usage is free. */
export interface CommitmentCharge extends ChargeBase {
  type: 'COMMITMENT';
  bound: 'MINIMUM' | 'MAXIMUM';
  every: PeriodLength;
  /** The charges that count towards it. */
  of: readonly string[];
}

export interface Entitlement {
  product: string;
  included: Rational | 'UNLIMITED';
  scope: EntitlementScope;
  /** How much of what is left is added to the next period's; null: nothing. */
  rollover: Rational | null;
}

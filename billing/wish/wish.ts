import type { Budget } from '../budget.ts';
import type { Campaign } from '../document/discount.ts';
import type { TaxRule } from '../document/tax.ts';
import type { DunningPolicy } from '../dunning/dunning.ts';
import type { Revision } from '../price/rate-card.ts';
import type { Bundle } from '../settle/catalog.ts';
import type { Policy } from '../settle/policy.ts';
import type { Meter } from '../usage/mediation.ts';
import {
  readBudget,
  readDunning,
  readSeries,
  readSubscription,
  readWallet,
  type SeriesWish,
  type SubscriptionWish,
  type WalletWish,
} from './account.ts';
import { type ManifestContext, readBundle, readCampaign, readMeter, readRevisions, readTaxRule } from './catalog.ts';
import { readPolicy } from './policy.ts';
import type { Reader } from './reader.ts';

/** A wish as the books understand it: a manifest's spec, read into values. */
export type Wish =
  | { kind: 'Bundle'; value: Bundle }
  | { kind: 'RateCard'; name: string; value: Revision[] }
  | { kind: 'Meter'; value: Meter }
  | { kind: 'Campaign'; value: Campaign }
  | { kind: 'TaxRule'; value: TaxRule }
  | { kind: 'DunningPolicy'; value: DunningPolicy }
  | ({ kind: 'NumberSeries' } & SeriesWish)
  | ({ kind: 'Wallet' } & WalletWish)
  | { kind: 'BillingPolicy'; value: Policy }
  | { kind: 'Budget'; value: Budget }
  | { kind: 'Subscription'; value: SubscriptionWish };

/** The kinds that books are made of, in the order in which they are taken: the catalog before what refers to it. */
export const WISH_KINDS = [
  'BillingPolicy',
  'NumberSeries',
  'DunningPolicy',
  'TaxRule',
  'Campaign',
  'Meter',
  'Bundle',
  'RateCard',
  'Budget',
  'Wallet',
  'Subscription',
] as const satisfies readonly Wish['kind'][];

export function isWishKind(kind: unknown): kind is Wish['kind'] {
  return (WISH_KINDS as readonly unknown[]).includes(kind);
}

/** Reads a spec; what does not fit is noted in the reader's faults. */
export function readWish(kind: Wish['kind'], { name, spec }: { name: string; spec: Reader }, context: ManifestContext) {
  switch (kind) {
    case 'Bundle':
      return { kind, value: readBundle(name, spec) } satisfies Wish;
    case 'RateCard':
      return { kind, name, value: readRevisions(name, spec, context) } satisfies Wish;
    case 'Meter':
      return { kind, value: readMeter(name, spec) } satisfies Wish;
    case 'Campaign':
      return { kind, value: readCampaign(name, spec, context) } satisfies Wish;
    case 'TaxRule':
      return { kind, value: readTaxRule(name, spec, context) } satisfies Wish;
    case 'DunningPolicy':
      return { kind, value: readDunning(spec, context) } satisfies Wish;
    case 'NumberSeries':
      return { kind, ...readSeries(name, spec) } satisfies Wish;
    case 'Wallet':
      return { kind, ...readWallet(name, spec, context) } satisfies Wish;
    case 'BillingPolicy':
      return { kind, value: readPolicy(spec).policy } satisfies Wish;
    case 'Budget':
      return { kind, value: readBudget(name, spec, context) } satisfies Wish;
    case 'Subscription':
      return { kind, value: readSubscription(name, spec, context) } satisfies Wish;
  }
}

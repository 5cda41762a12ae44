import { RECOGNITIONS } from '../ledger/recognition.ts';
import { ROUNDING_MODES } from '../money/rounding.ts';
import { DEFAULT_POLICY, LATE_USAGE, ON_CANCEL, type Policy } from '../settle/policy.ts';
import type { Reader } from './reader.ts';

const HOUR_MS = 3_600_000;

/** A BillingPolicy's spec, and the account's anchor beside it. */
export function readPolicy(reader: Reader): { policy: Policy; anchorDay: string | null } {
  const from = reader.fields(
    'unit',
    'basis',
    'terminationDay',
    'onCancel',
    'onChange',
    'begins',
    'billing',
    'billingDay',
    'anchor',
    'rounding',
    'taxRounding',
    'revenue',
    'collectionWindowHours',
    'draftWindowHours',
    'lateUsage',
    'lateUsagePeriods',
    'usageMaxAgeDays',
    'gaps',
    'dueDays',
    'creditBlockedDays',
    'linesPerSubscriptionMax',
    'unusualFactor',
    'unusualFrom',
    'horizonMonths',
  );
  const mode = from.rounding.value;
  const modes =
    typeof mode === 'string' ? from.rounding.as({ charge: mode, discount: mode, tax: mode }) : from.rounding;
  const rounding = modes.fields('charge', 'discount', 'tax');
  const hours = (field: Reader, otherwiseMs: number) =>
    field.integer({ min: 0, max: 744, otherwise: otherwiseMs / HOUR_MS }) * HOUR_MS;
  const base = DEFAULT_POLICY;
  const policy: Policy = {
    unit: from.unit.choice(['DAY', 'SECOND', 'NONE'], base.unit),
    basis: from.basis.choice(['ACTUAL', 'FIXED_30'], base.basis),
    terminationDay: from.terminationDay.choice(['EXCLUSIVE', 'INCLUSIVE'], base.terminationDay),
    onCancel: from.onCancel.choice(ON_CANCEL, base.onCancel),
    onChange: from.onChange.choice(['IMMEDIATE', 'PERIOD_END', 'FORBIDDEN'], base.onChange),
    begins: from.begins.choice(['AT_ONCE', 'WHEN_PROVISIONED'], base.begins),
    billing: from.billing.choice(['ANNIVERSARY', 'CALENDAR'], base.billing),
    billingDay: from.billingDay.optional((day) => day.integer({ min: 1, max: 31 })),
    rounding: {
      charge: rounding.charge.choice(ROUNDING_MODES, base.rounding.charge),
      discount: rounding.discount.choice(ROUNDING_MODES, base.rounding.discount),
      tax: rounding.tax.choice(ROUNDING_MODES, base.rounding.tax),
    },
    taxRounding: from.taxRounding.choice(['GROUP', 'LINE'], base.taxRounding),
    recognition: from.revenue.fields('recognition').recognition.choice(RECOGNITIONS, base.recognition),
    collectionWindowMs: hours(from.collectionWindowHours, base.collectionWindowMs),
    draftWindowMs: hours(from.draftWindowHours, base.draftWindowMs),
    lateUsage: from.lateUsage.choice(LATE_USAGE, base.lateUsage),
    lateUsagePeriods: from.lateUsagePeriods.optional((count) => count.integer({ min: 0, max: 36 })),
    usageMaxAgeDays: from.usageMaxAgeDays.integer({ min: 1, max: 3660, otherwise: base.usageMaxAgeDays }),
    gaps: from.gaps.choice(['FREE', 'CHARGE'], base.gaps),
    dueDays: from.dueDays.integer({ min: 0, max: 365, otherwise: base.dueDays }),
    creditBlockedDays: from.creditBlockedDays.flag(base.creditBlockedDays),
    linesPerSubscriptionMax: from.linesPerSubscriptionMax.integer({
      min: 1,
      max: 10_000,
      otherwise: base.linesPerSubscriptionMax,
    }),
    unusualFactor: from.unusualFactor.integer({ min: 0, max: 1000, otherwise: base.unusualFactor }),
    unusualFrom: BigInt(from.unusualFrom.integer({ min: 0, max: 1_000_000_000, otherwise: Number(base.unusualFrom) })),
    horizonMonths: from.horizonMonths.integer({ min: 1, max: 1200, otherwise: base.horizonMonths }),
  };
  return { policy, anchorDay: from.anchor.optional((day) => day.text()) };
}

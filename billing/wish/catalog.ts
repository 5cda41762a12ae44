import type { Instant } from '../calendar/interval.ts';
import type { PeriodLength } from '../calendar/period.ts';
import { isZone } from '../calendar/zone.ts';
import type { Campaign } from '../document/discount.ts';
import { TAX_CATEGORIES, type TaxRule } from '../document/tax.ts';
import { compare, ONE, type Rational, rational, ZERO } from '../money/rational.ts';
import { PRICE_MODELS, type PriceModel } from '../price/model.ts';
import type { Revision } from '../price/rate-card.ts';
import { type Tier, tierFault } from '../price/tiers.ts';
import {
  BUNDLE_CONSTRAINTS,
  type Bundle,
  type Charge,
  type ComponentRule,
  type Entitlement,
} from '../settle/catalog.ts';
import { ENTITLEMENT_SCOPES } from '../usage/entitlement.ts';
import type { Meter } from '../usage/mediation.ts';
import type { Reader } from './reader.ts';

export interface ManifestContext {
  zone: string;
  currency: string;
  at: Instant;
}

const UNITS = ['DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'] as const;

export function readBundle(name: string, spec: Reader): Bundle {
  const { charges, entitlements, trialDays, published, constraint, components } = spec.fields(
    'displayName',
    'charges',
    'entitlements',
    'trialDays',
    'published',
    'constraint',
    'components',
  );
  return {
    name,
    isPublished: published.flag(true),
    constraint: constraint.choice(BUNDLE_CONSTRAINTS, 'NONE'),
    components: components.list().map(readComponent),
    charges: charges.list().map(readCharge),
    entitlements: entitlements.list().map(readEntitlement),
    trialDays: trialDays.integer({ min: 0, max: 366, otherwise: 0 }),
  };
}

/**
 * A price's name in the card: a decimal is a price per unit, everything else names its model. Days are midnights of the card's zone,
 * or of the account's where the card has none.
 */
export function readRevisions(name: string, spec: Reader, context: ManifestContext): Revision[] {
  const {
    revisions,
    zone: own,
    currency,
  } = spec.fields('displayName', 'revisions', 'zone', 'currency', 'approvedImpact');
  readZone(own);
  currency.text(context.currency);
  const zone = own.isPresent && isZone(own.text()) ? own.text() : context.zone;
  return revisions.list().map((reader) => {
    const { from, to, hoursPerMonth, prices } = reader.fields('from', 'to', 'hoursPerMonth', 'prices');
    const begins = from.instant(zone, 0);
    const ends = to.optional((end) => end.instant(zone));
    if (ends !== null && ends <= begins) to.fault('write an end after its beginning', undefined);
    const content = {
      from: begins,
      to: ends,
      hoursPerMonth: hoursPerMonth.value === 'actual' ? ('ACTUAL' as const) : hoursPerMonth.positive(rational(730n)),
      prices: new Map(prices.entries().map(([item, price]) => [item, readModel(price)])),
    };
    return { id: `${name}@${from.text('always')}`, recordedAt: context.at, ...content, hash: canonical(content) };
  });
}

function readZone(zone: Reader): void {
  if (zone.isPresent && !isZone(zone.text())) zone.fault('write an IANA time zone, such as Europe/Berlin', undefined);
}

/** One text for one content, however its parts are ordered and numbers are written: stores keep no order of keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each === 'bigint') return `${each}`;
    const entries = each instanceof Map ? [...each] : isPlain(each) ? Object.entries(each) : undefined;
    return entries === undefined
      ? each
      : Object.fromEntries(entries.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
  });
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readMeter(name: string, spec: Reader): Meter {
  const { product, rules, aggregate, perMonth, factor } = spec.fields(
    'product',
    'rules',
    'aggregate',
    'perMonth',
    'factor',
  );
  if (rules.isPresent && !rules.list().some((rule) => (rule.value as { mode?: unknown } | null)?.mode !== 'EXCLUDE'))
    rules.fault('at least one rule must combine usage', undefined);
  const whole = { usage: name, mode: 'COMBINE' as const, factor: factor.positive(ONE), where: [] };
  return {
    name,
    product: product.text(name),
    rules: rules.isPresent ? rules.list().map(readRule) : [whole],
    aggregate: aggregate.choice(['SUM', 'LEVEL', 'COUNT', 'MAX', 'UNIQUE', 'LATEST'], 'SUM'),
    perMonth: perMonth.flag(false),
  };
}

export function readCampaign(name: string, spec: Reader, { currency, zone }: ManifestContext): Campaign {
  const given = spec.fields(
    'displayName',
    'percentOff',
    'amountOff',
    'periods',
    'days',
    'charges',
    'from',
    'to',
    'redemptionsMax',
    'channels',
    'enabled',
  );
  const { percentOff, amountOff, days } = given;
  // So many days for nothing: a trial.
  const isTrial = days.isPresent && !percentOff.isPresent && !amountOff.isPresent;
  if (percentOff.isPresent === amountOff.isPresent && !isTrial)
    spec.fault('give either percentOff or amountOff', undefined);
  const percent = isTrial || !percentOff.isPresent ? rational(100n) : readPercentOff(percentOff);
  return {
    name,
    off: amountOff.isPresent ? { amount: amountOff.money(currency) } : { percent },
    periods: given.periods.optional((count) => count.integer({ min: 1, max: 1200 })),
    charges: given.charges.texts(),
    days: days.optional((count) => count.integer({ min: 1, max: 3660 })),
    from: given.from.instant(zone, 0),
    to: given.to.optional((end) => end.instant(zone)),
    redemptionsMax: given.redemptionsMax.optional((count) => count.integer({ min: 1, max: 1_000_000_000 })),
    channels: given.channels.texts(),
    isEnabled: given.enabled.flag(true),
  };
}

function readPercentOff(reader: Reader): Rational {
  const percent = reader.positive();
  return compare(percent, rational(100n)) > 0 ? reader.fault('write at most 100', percent) : percent;
}

export function readTaxRule(name: string, spec: Reader, { zone }: ManifestContext): TaxRule {
  const from = spec.fields('jurisdiction', 'taxCode', 'rate', 'from', 'to', 'inclusive', 'category', 'reason');
  return {
    name,
    jurisdiction: from.jurisdiction.text(''),
    taxCode: from.taxCode.text('*'),
    rate: from.rate.unsigned(),
    from: from.from.instant(zone, 0),
    to: from.to.optional((end) => end.instant(zone)),
    inclusive: from.inclusive.flag(false),
    category: from.category.optional((each) => each.choice(TAX_CATEGORIES)),
    reason: from.reason.optional((each) => each.text()),
  };
}

function readComponent(reader: Reader): ComponentRule {
  const { component, mode, values } = reader.fields('component', 'mode', 'values');
  return {
    component: component.text(),
    mode: mode.choice(['INCLUDES', 'EXCLUDES'], 'INCLUDES'),
    values: values.texts(),
  };
}

function readCharge(reader: Reader): Charge {
  const from = reader.fields(
    'name',
    'type',
    'price',
    'product',
    'taxCode',
    'every',
    'timing',
    'splitBy',
    'prorateTiers',
    'of',
    'bound',
  );
  const name = from.name.text();
  const base = {
    name,
    price: from.price.text(name),
    product: from.product.text(name),
    taxCode: from.taxCode.text('standard'),
  };
  const type = from.type.choice(['RECURRING', 'ONE_TIME', 'USAGE', 'COMMITMENT'], 'RECURRING');
  switch (type) {
    case 'ONE_TIME':
      return { ...base, type };
    case 'RECURRING':
      return {
        ...base,
        type,
        every: readLength(from.every),
        timing: from.timing.choice(['ADVANCE', 'ARREARS'], 'ADVANCE'),
      };
    case 'USAGE':
      return {
        ...base,
        type,
        every: readLength(from.every),
        splitBy: from.splitBy.texts(),
        prorateTiers: from.prorateTiers.flag(false),
      };
    case 'COMMITMENT':
      return {
        ...base,
        type,
        every: readLength(from.every),
        of: from.of.texts(),
        bound: from.bound.choice(['MINIMUM', 'MAXIMUM'], 'MINIMUM'),
      };
  }
}

/** `MONTH`, or `{unit: DAY, count: 28}`. */
function readLength(reader: Reader): PeriodLength {
  if (!reader.isPresent || typeof reader.value === 'string') return { unit: reader.choice(UNITS, 'MONTH'), count: 1 };
  const { unit, count } = reader.fields('unit', 'count');
  return { unit: unit.choice(UNITS), count: count.integer({ min: 1, max: 366, otherwise: 1 }) };
}

function readEntitlement(reader: Reader): Entitlement {
  const { product, included, scope, rollover } = reader.fields('product', 'included', 'scope', 'rollover');
  return {
    product: product.text(),
    included: included.value === 'UNLIMITED' ? 'UNLIMITED' : included.unsigned(),
    scope: scope.choice(ENTITLEMENT_SCOPES, 'SUBSCRIPTION'),
    rollover: rollover.optional((each) => each.unsigned()),
  };
}

function readRule(reader: Reader): Meter['rules'][number] {
  const { usage, mode, factor, where } = reader.fields('usage', 'mode', 'factor', 'where');
  return {
    usage: usage.text(),
    mode: mode.choice(['COMBINE', 'EXCLUDE'], 'COMBINE'),
    factor: factor.positive(ONE),
    where: where.list().map((each) => {
      const from = each.fields('attribute', 'mode', 'values');
      return {
        attribute: from.attribute.text(),
        mode: from.mode.choice(['INCLUDES', 'EXCLUDES'], 'INCLUDES'),
        values: from.values.list().map((value) => value.label()),
      };
    }),
  };
}

function readModel(reader: Reader): PriceModel {
  if (typeof reader.value === 'string' || typeof reader.value === 'number')
    return { type: 'STANDARD', unitPrice: reader.unsigned() };
  const from = reader.fields(
    'model',
    'unitPrice',
    'tiers',
    'chargeFlatOnZero',
    'size',
    'price',
    'free',
    'percent',
    'fixed',
    'freeEvents',
    'freeAmount',
    'minimum',
    'maximum',
    'entries',
    'otherwise',
  );
  const type = from.model.choice(PRICE_MODELS);
  switch (type) {
    case 'STANDARD':
      return { type, unitPrice: from.unitPrice.unsigned() };
    case 'GRADUATED':
      return { type, tiers: readTiers(from.tiers), chargeFlatOnZero: from.chargeFlatOnZero.flag(false) };
    case 'PACKAGE':
      return { type, size: from.size.positive(), price: from.price.unsigned(), free: from.free.unsigned(ZERO) };
    case 'PERCENTAGE':
      return {
        type,
        percent: from.percent.unsigned(),
        fixed: from.fixed.unsigned(ZERO),
        freeEvents: from.freeEvents.integer({ min: 0, max: 1_000_000, otherwise: 0 }),
        freeAmount: from.freeAmount.unsigned(ZERO),
        minimum: from.minimum.optional((each) => each.unsigned()),
        maximum: from.maximum.optional((each) => each.unsigned()),
      };
    case 'MATRIX':
      return {
        type,
        entries: from.entries.list().map(readEntry),
        otherwise: from.otherwise.optional((each) => each.unsigned()),
      };
    default:
      return { type, tiers: readTiers(from.tiers) };
  }
}

function readTiers(reader: Reader): Tier[] {
  const tiers = reader.list().map((each) => {
    const { upTo, unitPrice, flat } = each.fields('upTo', 'unitPrice', 'flat');
    return {
      upTo: upTo.optional((end) => end.unsigned()),
      unitPrice: unitPrice.unsigned(ZERO),
      flat: flat.unsigned(ZERO),
    };
  });
  const wrong = tierFault(tiers);
  return wrong === undefined ? tiers : reader.fault(wrong, tiers);
}

function readEntry(reader: Reader) {
  const { where, unitPrice } = reader.fields('where', 'unitPrice');
  return {
    where: Object.fromEntries(where.entries().map(([name, value]) => [name, value.label()])),
    unitPrice: unitPrice.unsigned(),
  };
}

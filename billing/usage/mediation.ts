import { type Interval, intersect, lengthMs } from '../calendar/interval.ts';
import { digest } from '../digest.ts';
import { groupBy } from '../group.ts';
import { add, compare, divide, multiply, negate, type Rational, rational, ZERO } from '../money/rational.ts';
import type { UsageWindow } from './window.ts';

/** How raw usage becomes quantities of a product: what is combined, less what is excluded, each divided by its factor. */
export interface Meter {
  name: string;
  product: string;
  rules: readonly MediationRule[];
  aggregate: 'SUM' | 'LEVEL' | 'COUNT' | 'MAX' | 'UNIQUE' | 'LATEST';
  /** The product's unit is a month's worth: hours are divided by the revision's hours per month. */
  perMonth: boolean;
}

export interface MediationRule {
  usage: string;
  mode: 'COMBINE' | 'EXCLUDE';
  /** Raw units per unit of the product; above 0. */
  factor: Rational;
  where: readonly Discriminator[];
}

export interface Discriminator {
  attribute: string;
  mode: 'INCLUDES' | 'EXCLUDES';
  values: readonly string[];
}

export interface Mediated {
  attributes: Readonly<Record<string, string>>;
  quantity: Rational;
  /** Single events, oldest first. */
  events: readonly Rational[];
  /** Resources that took part, for the resource's own entitlement and for the explanation. */
  resources: readonly string[];
  /** What it was measured from. */
  sources: Sources;
}

/** Windows behind a quantity: how many, and a digest of what each said. The same windows give the same, in whatever order they came. */
export interface Sources {
  count: number;
  digest: string;
}

export const NO_SOURCES: Sources = { count: 0, digest: '' };

/** The quantities within a stretch of time, one for each set of values of `splitBy`. */
export function mediate(
  windows: readonly UsageWindow[],
  meter: Meter,
  { within, splitBy }: { within: readonly Interval[]; splitBy: readonly string[] },
): Mediated[] {
  const groups = groupBy(
    windows.flatMap((window) => contributions(window, meter, within)),
    ({ window }) => JSON.stringify(splitBy.map((name) => window.attributes[name] ?? '')),
  );
  return [...groups.keys()].toSorted().map((key) => {
    const group = (groups.get(key) ?? []).toSorted(byTime);
    const first = group[0]?.window.attributes ?? {};
    return {
      attributes: Object.fromEntries(splitBy.map((name) => [name, first[name] ?? ''])),
      quantity: aggregated(group, meter.aggregate),
      events: group.map(({ amount }) => amount),
      resources: [...new Set(group.map(({ window }) => window.resource))].toSorted(),
      sources: sourcesOf([...new Set(group.map(({ window }) => window))]),
    };
  });
}

function sourcesOf(windows: readonly UsageWindow[]): Sources {
  const rows = windows.map(({ id, from, to, quantity }) => `${id} ${from} ${to} ${quantity.num}/${quantity.den}`);
  return { count: rows.length, digest: digest(rows.toSorted().join('\n')) };
}

interface Contribution {
  window: UsageWindow;
  amount: Rational;
}

function contributions(window: UsageWindow, meter: Meter, within: readonly Interval[]): Contribution[] {
  const share = shareWithin(window, within);
  if (share === undefined) return [];
  return meter.rules
    .filter((rule) => rule.usage === window.meter && rule.where.every((each) => satisfies(window, each)))
    .map(({ mode, factor }) => {
      const amount = divide(multiply(raw(window, meter), meter.aggregate === 'MAX' ? rational(1n) : share), factor);
      return { window, amount: mode === 'COMBINE' ? amount : negate(amount) };
    });
}

/** A level counts for as long as it lasts, in hours; everything else is a quantity already. */
function raw(window: UsageWindow, { aggregate }: Meter): Rational {
  if (aggregate !== 'LEVEL') return window.quantity;
  return multiply(window.quantity, rational(BigInt(lengthMs(window)), 3_600_000n));
}

/** The part of a window that lies inside: by duration, so that every instant is priced exactly once. */
function shareWithin(window: UsageWindow, within: readonly Interval[]): Rational | undefined {
  if (window.from === window.to)
    return within.some(({ from, to }) => from <= window.from && window.from < to) ? rational(1n) : undefined;
  const inside = within.reduce((ms, piece) => {
    const part = intersect(window, piece);
    return part === undefined ? ms : ms + BigInt(lengthMs(part));
  }, 0n);
  return inside === 0n ? undefined : rational(inside, BigInt(lengthMs(window)));
}

function satisfies({ attributes }: UsageWindow, { attribute, mode, values }: Discriminator): boolean {
  return values.includes(attributes[attribute] ?? '') === (mode === 'INCLUDES');
}

function aggregated(group: readonly Contribution[], aggregate: Meter['aggregate']): Rational {
  const amounts = group.map(({ amount }) => amount);
  switch (aggregate) {
    case 'SUM':
    case 'LEVEL':
      return amounts.reduce(add, ZERO);
    case 'COUNT':
      return rational(BigInt(amounts.length));
    case 'MAX':
      return amounts.reduce((most, each) => (compare(each, most) > 0 ? each : most), ZERO);
    case 'UNIQUE':
      return rational(BigInt(new Set(group.map(({ window }) => window.resource)).size));
    case 'LATEST':
      return amounts.at(-1) ?? ZERO;
  }
}

function byTime(a: Contribution, b: Contribution): number {
  return a.window.from - b.window.from || (a.window.id < b.window.id ? -1 : 1);
}

import type { Instant } from '../calendar/interval.ts';
import { groupBy, total } from '../group.ts';
import { allocate } from '../money/allocate.ts';
import { add, divide, multiply, type Rational, rational, roundRational } from '../money/rational.ts';
import type { RoundingMode } from '../money/rounding.ts';

export interface TaxRule {
  name: string;
  jurisdiction: string;
  /** `*` taxes everything that has no rule of its own. */
  taxCode: string;
  /** Per cent. */
  rate: Rational;
  from: Instant;
  /** Exclusive; null: open. */
  to: Instant | null;
  /** The prices hold the tax already. */
  inclusive: boolean;
  /** Null: by the rate. */
  category?: TaxCategory | null;
  /** Why nothing is charged, as documents must say it. */
  reason?: string | null;
}

/**
 * As UNCL 5305 names them: standard rate, zero rate, exempt, reverse charge, supply within the Union, export, outside of the tax's
 * scope.
 */
export const TAX_CATEGORIES = ['S', 'Z', 'E', 'AE', 'K', 'G', 'O'] as const;
export type TaxCategory = (typeof TAX_CATEGORIES)[number];

export interface TaxableLine {
  id: string;
  taxCode: string;
  /** After discounts; with the tax where the rule is inclusive. */
  amount: bigint;
}

/** One printed row: the rate as it was, and its tax with one rounding. */
export interface TaxGroup {
  rule: string;
  jurisdiction: string;
  taxCode: string;
  rate: Rational;
  inclusive: boolean;
  category: TaxCategory;
  reason: string | null;
  /** What was taxed, without the tax. */
  net: bigint;
  tax: bigint;
  /** Each line's share, for display and for its credit: they add up to `tax`. */
  shares: ReadonlyMap<string, bigint>;
}

export interface TaxContext {
  rules: readonly TaxRule[];
  jurisdiction: string;
  at: Instant;
  mode: RoundingMode;
  rounding: 'GROUP' | 'LINE';
}

/** Tax for each (jurisdiction, code, rate) on the sum of its lines. The invoice's tax is the sum of the printed groups. */
export function taxGroups(lines: readonly TaxableLine[], context: TaxContext): TaxGroup[] {
  const taxed = lines.flatMap((line) => rulesFor(line.taxCode, context).map((rule) => ({ line, rule })));
  const groups = groupBy(taxed, ({ rule }) => JSON.stringify([rule.jurisdiction, rule.name]));
  return [...groups.keys()].toSorted().flatMap((key) => {
    const group = groups.get(key) ?? [];
    const rule = group[0]?.rule;
    return rule === undefined
      ? []
      : [
          taxGroup(
            rule,
            group.map(({ line }) => line),
            context,
          ),
        ];
  });
}

/** The tax that a line's price holds. */
export function includedIn({ id }: Pick<TaxableLine, 'id'>, taxes: readonly TaxGroup[]): bigint {
  return total(taxes, ({ inclusive, shares }) => (inclusive ? (shares.get(id) ?? 0n) : 0n));
}

/** The tax of an amount under a group's rate: exact, and then one rounding. */
export function taxOf(
  amount: bigint,
  { rate, inclusive }: Pick<TaxGroup, 'rate' | 'inclusive'>,
  mode: RoundingMode,
): bigint {
  const share = divide(rate, inclusive ? add(rational(100n), rate) : rational(100n));
  return roundRational(multiply(rational(amount), share), mode);
}

function taxGroup(rule: TaxRule, lines: readonly TaxableLine[], { mode, rounding }: TaxContext): TaxGroup {
  const amount = total(lines, (line) => line.amount);
  const own = new Map(lines.map((line) => [line.id, taxOf(line.amount, rule, mode)]));
  const perLine = rounding === 'LINE';
  const tax = perLine ? total([...own.values()], (each) => each) : taxOf(amount, rule, mode);
  const shares = perLine
    ? own
    : allocate(
        tax,
        lines.map(({ id, amount: weight }) => ({ id, weight })),
      );
  const { name, jurisdiction, taxCode, rate, inclusive, reason = null } = rule;
  const category = rule.category ?? (rate.num > 0n ? 'S' : 'Z');
  const net = inclusive ? amount - tax : amount;
  return { rule: name, jurisdiction, taxCode, rate, inclusive, category, reason, net, tax, shares };
}

function rulesFor(taxCode: string, { rules, jurisdiction, at }: TaxContext): TaxRule[] {
  const valid = rules.filter(
    (rule) => rule.jurisdiction === jurisdiction && rule.from <= at && (rule.to === null || at < rule.to),
  );
  const own = valid.filter((rule) => rule.taxCode === taxCode);
  return own.length > 0 ? own : valid.filter((rule) => rule.taxCode === '*');
}

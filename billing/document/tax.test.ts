import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { total } from '../group.ts';
import { rational } from '../money/rational.ts';
import { divideRounded } from '../money/rounding.ts';
import { type TaxContext, type TaxRule, taxGroups } from './tax.ts';

const rule = (name: string, percent: bigint, more: Partial<TaxRule> = {}): TaxRule => ({
  name,
  jurisdiction: '',
  taxCode: name,
  rate: rational(percent, 100n),
  from: 0,
  to: null,
  inclusive: false,
  ...more,
});
const context = (rules: TaxRule[], more: Partial<TaxContext> = {}): TaxContext => ({
  rules,
  jurisdiction: '',
  at: 5,
  mode: 'HALF_UP',
  rounding: 'GROUP',
  ...more,
});

const lines = fc.uniqueArray(
  fc.record({ id: fc.string(), taxCode: fc.constantFrom('a', 'b'), amount: fc.bigInt({ min: 0n, max: 10n ** 8n }) }),
  { selector: ({ id }) => id, maxLength: 20 },
);
const rates = fc.tuple(fc.bigInt({ min: 0n, max: 5000n }), fc.bigInt({ min: 0n, max: 5000n }));

describe('tax (BR-05)', () => {
  it('is one rounding for each group, and the shares of its lines add up to it', () => {
    fc.assert(
      fc.property(lines, rates, (all, [a, b]) => {
        for (const group of taxGroups(all, context([rule('a', a), rule('b', b)]))) {
          const net = total(
            all.filter(({ taxCode }) => taxCode === group.taxCode),
            ({ amount }) => amount,
          );
          expect(group.net).toBe(net);
          expect(group.tax).toBe(divideRounded(net * (group.rule === 'a' ? a : b), 10_000n, 'HALF_UP'));
          expect(total([...group.shares.values()], (share) => share)).toBe(group.tax);
        }
      }),
    );
  });

  it('does not depend on the order of lines or rules', () => {
    fc.assert(
      fc.property(lines, rates, (all, [a, b]) => {
        const sums = (groups: ReturnType<typeof taxGroups>) =>
          groups.map(({ rule: name, net, tax }) => ({ name, net, tax }));
        const forth = taxGroups(all, context([rule('a', a), rule('b', b)]));
        const back = taxGroups(all.toReversed(), context([rule('b', b), rule('a', a)]));
        expect(sums(back)).toEqual(sums(forth));
      }),
    );
  });

  it('inside a price is taken out of it, and nothing is lost', () => {
    fc.assert(
      fc.property(lines, rates, (all, [a]) => {
        for (const { net, tax } of taxGroups(all, context([rule('a', a, { inclusive: true })])))
          expect(net + tax).toBe(
            total(
              all.filter(({ taxCode }) => taxCode === 'a'),
              ({ amount }) => amount,
            ),
          );
      }),
    );
    const [group] = taxGroups(
      [{ id: '1', taxCode: 'a', amount: 11_900n }],
      context([rule('a', 1900n, { inclusive: true })]),
    );
    expect(group).toMatchObject({ net: 10_000n, tax: 1_900n });
  });

  it('per line rounds each line', () => {
    const all = ['1', '2', '3'].map((id) => ({ id, taxCode: 'a', amount: 5n }));
    const rules = [rule('a', 1000n)];
    expect(taxGroups(all, context(rules))[0]?.tax).toBe(2n);
    expect(taxGroups(all, context(rules, { rounding: 'LINE' }))[0]?.tax).toBe(3n);
  });

  it('is that of the day of issue and of the place; a rule for everything is for what has none of its own', () => {
    const rules = [
      rule('a', 1000n, { to: 5 }),
      rule('a', 2000n, { name: 'new', from: 5 }),
      rule('b', 500n, { jurisdiction: 'elsewhere' }),
      rule('*', 700n),
    ];
    const found = taxGroups(
      [
        { id: '1', taxCode: 'a', amount: 100n },
        { id: '2', taxCode: 'b', amount: 100n },
      ],
      context(rules),
    );
    expect(found.map(({ rule: name, tax }) => ({ name, tax }))).toEqual([
      { name: '*', tax: 7n },
      { name: 'new', tax: 20n },
    ]);
  });
});

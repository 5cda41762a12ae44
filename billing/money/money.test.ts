import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allocate } from './allocate.ts';
import { formatMoney, moneyFrom, parseMoney } from './currency.ts';
import { decimalText, multiply, parseDecimal, rational, roundRational } from './rational.ts';
import { divideRounded, ROUNDING_MODES, type RoundingMode } from './rounding.ts';

const decimal = (text: string) => parseDecimal(text) ?? rational(0n);

describe('one rounding (BR-03)', () => {
  it('rounds half up away from zero, on both sides alike', () => {
    expect(divideRounded(5n, 10n, 'HALF_UP')).toBe(1n);
    expect(divideRounded(-5n, 10n, 'HALF_UP')).toBe(-1n);
    expect(moneyFrom(decimal('-0.005'), 'EUR', 'HALF_UP')).toBe(-1n);
  });

  it.each<[RoundingMode, bigint[]]>([
    ['HALF_UP', [3n, -3n, 4n, -2n]],
    ['HALF_DOWN', [2n, -2n, 3n, -2n]],
    ['HALF_EVEN', [2n, -2n, 4n, -2n]],
    ['UP', [3n, -3n, 4n, -3n]],
    ['DOWN', [2n, -2n, 3n, -2n]],
    ['CEILING', [3n, -2n, 4n, -2n]],
    ['FLOOR', [2n, -3n, 3n, -3n]],
  ])('%s', (mode, expected) => {
    expect([25n, -25n, 35n, -21n].map((num) => divideRounded(num, 10n, mode))).toEqual(expected);
  });

  it('is never further off than one unit, and none where the number is whole', () => {
    fc.assert(
      fc.property(
        fc.bigInt(),
        fc.bigInt({ min: 1n, max: 10n ** 30n }),
        fc.constantFrom(...ROUNDING_MODES),
        (num, den, mode) => {
          const off = divideRounded(num, den, mode) * den - num;
          expect(off < den && -off < den).toBe(true);
          expect(divideRounded(num * den, den, mode)).toBe(num);
        },
      ),
    );
  });

  it('mirrors a charge in its credit, and is within a half', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt({ min: 1n, max: 10n ** 30n }), (num, den) => {
        const booked = divideRounded(num, den, 'HALF_UP');
        expect(divideRounded(-num, den, 'HALF_UP')).toBe(-booked);
        const off = booked * den - num;
        expect((off < 0n ? -off : off) * 2n <= den).toBe(true);
      }),
    );
  });

  it('rounds a line, not its events: three of 0.004 are 0.01', () => {
    const line = multiply(decimal('0.004'), rational(3n));
    expect(moneyFrom(line, 'EUR', 'HALF_UP')).toBe(1n);
  });
});

describe('splitting an amount (BR-04)', () => {
  const shares = fc.uniqueArray(fc.record({ id: fc.string(), weight: fc.bigInt({ min: 0n, max: 10n ** 9n }) }), {
    minLength: 1,
    maxLength: 30,
    selector: ({ id }) => id,
  });

  it('always adds up to the whole, and no part is further off than one unit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), shares, (amount, all) => {
        const parts = allocate(amount, all);
        expect([...parts.values()].reduce((sum, part) => sum + part, 0n)).toBe(amount);
        const total = all.reduce((sum, { weight }) => sum + weight, 0n);
        for (const { id, weight } of total === 0n ? [] : all) {
          const off = (parts.get(id) ?? 0n) * total - amount * weight;
          expect(off < total && -off < total).toBe(true);
        }
      }),
    );
  });

  it('gives the same parts in whatever order the lines come', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 9n }), shares, (amount, all) => {
        fc.pre(all.some(({ weight }) => weight > 0n));
        const forth = allocate(amount, all);
        const back = allocate(amount, all.toReversed());
        expect(all.map(({ id }) => back.get(id))).toEqual(all.map(({ id }) => forth.get(id)));
      }),
    );
  });

  it('gives what is left over to the largest remainders, ties to the smaller id', () => {
    const thirds = ['b', 'c', 'a'].map((id) => ({ id, weight: 1n }));
    expect(Object.fromEntries(allocate(100n, thirds))).toEqual({ a: 34n, b: 33n, c: 33n });
  });
});

describe('amounts and texts', () => {
  it('know how many digits a currency has', () => {
    expect(parseMoney('12.5', 'USD')).toBe(1250n);
    expect(parseMoney('12', 'JPY')).toBe(12n);
    expect(parseMoney('1.234', 'KWD')).toBe(1234n);
    expect(parseMoney('1.234', 'EUR')).toBeUndefined();
    expect(parseMoney('1e3', 'EUR')).toBeUndefined();
  });

  it('round-trip', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.constantFrom('JPY', 'USD', 'KWD', 'CLF'),
        (minor, currency) => {
          expect(parseMoney(formatMoney(minor, currency), currency)).toBe(minor);
        },
      ),
    );
  });

  it('show an exact number without trailing zeros', () => {
    expect(decimalText(rational(1n, 3n), 6)).toBe('0.333333');
    expect(decimalText(decimal('-12.500'))).toBe('-12.5');
    expect(roundRational(decimal('-12.5'), 'HALF_UP')).toBe(-13n);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lengthMs } from '../calendar/interval.ts';
import {
  add,
  compare,
  decimalText,
  multiply,
  parseDecimal,
  type Rational,
  rational,
  sum,
  ZERO,
} from '../money/rational.ts';
import { type PriceModel, priceOf } from './model.ts';
import { pricesOver, type Revision, revisionFaults } from './rate-card.ts';
import { type Tier, tierFault } from './tiers.ts';

const decimal = (text: string) => parseDecimal(text) ?? ZERO;
const price = (
  model: PriceModel,
  quantity: Rational,
  events: Rational[] = [],
  attributes: Record<string, string> = {},
) => priceOf(model, { quantity, events, attributes }) ?? rational(-1n);

const money = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => rational(BigInt(hundredths), 100n));
const units = fc.integer({ min: 0, max: 200 });
const tiers = fc
  .record({
    bounds: fc.uniqueArray(fc.integer({ min: 1, max: 150 }), { minLength: 0, maxLength: 4 }),
    prices: fc.array(fc.tuple(money, money), { minLength: 5, maxLength: 5 }),
  })
  .map(({ bounds, prices }): Tier[] =>
    [...bounds.toSorted((a, b) => a - b), null].map((upTo, index) => ({
      upTo: upTo === null ? null : rational(BigInt(upTo)),
      unitPrice: prices[index]?.[0] ?? ZERO,
      flat: prices[index]?.[1] ?? ZERO,
    })),
  );
const tierOf = (all: readonly Tier[], unit: number) =>
  all.find(({ upTo }) => upTo === null || compare(rational(BigInt(unit)), upTo) <= 0);

describe('price models over a whole period (BR-25)', () => {
  it('graduated is unit by unit, and a flat price for each tier that a unit enters', () => {
    fc.assert(
      fc.property(tiers, units, (all, count) => {
        const each = Array.from({ length: count }, (_, index) => tierOf(all, index + 1));
        const flats = [...new Set(each)].map((tier) => tier?.flat ?? ZERO);
        const expected = add(sum(each.map((tier) => tier?.unitPrice ?? ZERO)), sum(flats));
        expect(price({ type: 'GRADUATED', tiers: all, chargeFlatOnZero: false }, rational(BigInt(count)))).toEqual(
          expected,
        );
      }),
    );
  });

  it('volume is all units at the tier that the last one reaches; stairstep is only its flat price', () => {
    fc.assert(
      fc.property(
        tiers,
        units.filter((count) => count > 0),
        (all, count) => {
          const tier = tierOf(all, count);
          const quantity = rational(BigInt(count));
          expect(price({ type: 'VOLUME', tiers: all }, quantity)).toEqual(
            add(multiply(quantity, tier?.unitPrice ?? ZERO), tier?.flat ?? ZERO),
          );
          expect(price({ type: 'STAIRSTEP', tiers: all }, quantity)).toEqual(tier?.flat ?? ZERO);
        },
      ),
    );
  });

  it('more never costs less, in tiers, packages and percentages', () => {
    fc.assert(
      fc.property(tiers, units, units, (all, some, more) => {
        const models: PriceModel[] = [
          { type: 'GRADUATED', tiers: all, chargeFlatOnZero: true },
          { type: 'GRADUATED_PERCENTAGE', tiers: all },
          { type: 'PACKAGE', size: rational(7n), price: rational(3n), free: rational(5n) },
        ];
        for (const model of models)
          expect(compare(price(model, rational(BigInt(some))), price(model, rational(BigInt(some + more))))).not.toBe(
            1,
          );
      }),
    );
  });

  it('a package begun is a package paid', () => {
    fc.assert(
      fc.property(units, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 30 }), (count, size, free) => {
        const expected = Math.ceil(Math.max(0, count - free) / size);
        const model: PriceModel = {
          type: 'PACKAGE',
          size: rational(BigInt(size)),
          price: rational(1n),
          free: rational(BigInt(free)),
        };
        expect(price(model, rational(BigInt(count)))).toEqual(rational(BigInt(expected)));
      }),
    );
  });

  it('a percentage is event by event, so that the order of lines does not matter but that of events does', () => {
    const model: PriceModel = {
      type: 'PERCENTAGE',
      percent: rational(10n),
      fixed: rational(1n),
      freeEvents: 1,
      freeAmount: rational(50n),
      minimum: rational(2n),
      maximum: rational(9n),
    };
    const events = [1000, 30, 40, 500].map((amount) => rational(BigInt(amount)));
    // The first is free; 30 are all free and cost the minimum; 20 of the next are; the last costs the most there is.
    expect(decimalText(price(model, ZERO, events))).toBe('14');
  });

  it('steps as hosters know them: one to five cost 1, six to ten cost 2', () => {
    const steps: Tier[] = [5, 10, null].map((upTo, index) => ({
      upTo: upTo === null ? null : rational(BigInt(upTo)),
      unitPrice: ZERO,
      flat: rational(BigInt(index + 1)),
    }));
    expect(decimalText(price({ type: 'STAIRSTEP', tiers: steps }, rational(7n)))).toBe('2');
    expect(decimalText(price({ type: 'CAPACITY', tiers: steps }, rational(11n)))).toBe('3');
  });

  it('a matrix takes the most particular entry, and has no price where nothing fits', () => {
    const entries = [
      { where: { zone: 'a' }, unitPrice: rational(1n) },
      { where: { zone: 'a', kind: 'ssd' }, unitPrice: rational(2n) },
    ];
    const matrix: PriceModel = { type: 'MATRIX', entries, otherwise: null };
    expect(price(matrix, rational(3n), [], { zone: 'a', kind: 'ssd' })).toEqual(rational(6n));
    expect(priceOf(matrix, { quantity: rational(3n), events: [], attributes: { zone: 'b' } })).toBeUndefined();
  });

  it('tiers must lead on and end open', () => {
    const tier = (upTo: string | null): Tier => ({
      upTo: upTo === null ? null : decimal(upTo),
      unitPrice: ZERO,
      flat: ZERO,
    });
    expect(tierFault([tier('1'), tier('0.5'), tier(null)])).toContain('above the one before');
    expect(tierFault([tier('1')])).toContain('open');
    expect(tierFault([tier('1'), tier(null)])).toBeUndefined();
  });
});

describe('price revisions (BR-24)', () => {
  const revision = (from: number, more: Partial<Revision> = {}): Revision => ({
    id: `r${from}`,
    from,
    to: null,
    recordedAt: 0,
    hash: `${from}`,
    hoursPerMonth: rational(730n),
    prices: new Map([['fee', { type: 'STANDARD', unitPrice: rational(1n) }]]),
    ...more,
  });

  it('price every instant once, or name it as a gap', () => {
    const times = fc.integer({ min: 0, max: 100 });
    const revisions = fc.uniqueArray(fc.tuple(times, fc.option(times)), { selector: ([from]) => from, maxLength: 6 });
    fc.assert(
      fc.property(revisions, times, times, (all, a, b) => {
        const list = all.map(([from, length]) => revision(from, { to: length === null ? null : from + length }));
        const whole = { from: Math.min(a, b), to: Math.max(a, b) };
        const { slices, gaps } = pricesOver(list, 'fee', whole);
        const parts = [...slices, ...gaps].toSorted((one, other) => one.from - other.from);
        expect(parts.reduce((ms, part) => ms + lengthMs(part), 0)).toBe(lengthMs(whole));
        for (const [index, part] of parts.entries()) expect(part.from).toBe(parts[index - 1]?.to ?? whole.from);
      }),
    );
  });

  it('an item without a price is a gap, not free', () => {
    expect(pricesOver([revision(0)], 'other', { from: 5, to: 9 })).toEqual({
      slices: [],
      gaps: [{ code: 'PriceGap', price: 'other', from: 5, to: 9 }],
    });
  });

  it('that have begun cannot be edited or removed, those to come can', () => {
    const old = [revision(10), revision(50)];
    expect(revisionFaults(old, [revision(10, { hash: 'new' }), revision(50, { hash: 'new' })], 20)).toEqual([
      { code: 'RevisionInForce', revision: 'r10' },
    ]);
    expect(revisionFaults(old, [revision(60)], 20)).toEqual([{ code: 'RevisionRemoved', revision: 'r10' }]);
    expect(revisionFaults(old, [revision(10), revision(10, { id: 'twin' })], 5)).toEqual([
      { code: 'RevisionOverlap', revision: 'twin' },
    ]);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compare, decimalText, type Rational, rational, sum, ZERO } from '../money/rational.ts';
import { drawDown, ENTITLEMENT_SCOPES, type Grant, type Need } from './entitlement.ts';

const units = (count: number) => rational(BigInt(count));
const grant = (id: string, scope: Grant['scope'], left: Grant['left'], more: Partial<Grant> = {}): Grant => ({
  id,
  product: 'gb',
  rollover: null,
  next: '',
  scope,
  owner: { RESOURCE: 'vm', SUBSCRIPTION: 's1', USER: 'anna', ACCOUNT: null }[scope],
  from: 0,
  expiresAt: 100,
  left,
  ...more,
});
const need = (line: string, quantity: number, more: Partial<Need> = {}): Need => ({
  line,
  product: 'gb',
  at: 10,
  resources: ['vm'],
  subscription: 's1',
  user: 'anna',
  quantity: units(quantity),
  ...more,
});
const texts = (draws: { grant: string; quantity: Rational }[]) =>
  draws.map(({ grant: id, quantity }) => `${id} ${decimalText(quantity)}`);

describe('drawing included units (BR-27)', () => {
  it("the resource's first, then the subscription's, the user's, the account's", () => {
    const grants = ENTITLEMENT_SCOPES.toReversed().map((scope) => grant(scope, scope, units(2)));
    const { draws, rest } = drawDown([need('line', 7)], grants);
    expect(texts(draws)).toEqual(['RESOURCE 2', 'SUBSCRIPTION 2', 'USER 2', 'ACCOUNT 1']);
    expect(rest.get('line')).toEqual(ZERO);
  });

  it('among equals what expires first, then the smaller id', () => {
    const grants = [
      grant('b', 'ACCOUNT', units(1)),
      grant('a', 'ACCOUNT', units(1)),
      grant('z', 'ACCOUNT', units(1), { expiresAt: 50 }),
    ];
    expect(texts(drawDown([need('line', 3)], grants).draws)).toEqual(['z 1', 'a 1', 'b 1']);
  });

  it('not for another product, owner or time', () => {
    const grants = [
      grant('product', 'ACCOUNT', 'UNLIMITED', { product: 'hours' }),
      grant('owner', 'USER', 'UNLIMITED', { owner: 'ben' }),
      grant('late', 'ACCOUNT', 'UNLIMITED', { from: 11 }),
      grant('over', 'ACCOUNT', 'UNLIMITED', { expiresAt: 10 }),
    ];
    expect(drawDown([need('line', 3)], grants).draws).toEqual([]);
  });

  it('never takes more than is there, and nothing is lost', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 6 });
    fc.assert(
      fc.property(counts, counts, (needs, grants) => {
        const wanted = needs.map((count, index) => need(`line-${index}`, count));
        const held = grants.map((count, index) => grant(`grant-${index}`, 'ACCOUNT', units(count)));
        const { draws, rest } = drawDown(wanted, held);
        for (const { id, left } of held) {
          const drawn = sum(draws.filter((draw) => draw.grant === id).map(({ quantity }) => quantity));
          expect(left !== 'UNLIMITED' && compare(drawn, left) <= 0).toBe(true);
        }
        for (const { line, quantity } of wanted) {
          const drawn = draws.filter((draw) => draw.line === line).map((draw) => draw.quantity);
          expect(sum([...drawn, rest.get(line) ?? ZERO])).toEqual(quantity);
        }
      }),
    );
  });
});

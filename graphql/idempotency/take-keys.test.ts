import { describe, expect, it } from '@jest/globals';
import type { GraphQLResolveInfo } from 'graphql';
import { SCHEMA } from '../../test/fixtures/tenants.ts';
import { repeatingOf } from './repeating.ts';

const MUTATIONS = Object.values(SCHEMA.getMutationType()?.getFields() ?? {});

describe('every mutation of the schema', () => {
  it('takes an idempotencyKey', () => {
    expect(MUTATIONS.length).toBeGreaterThan(100);
    const without = MUTATIONS.filter(({ args }) => !args.some(({ name }) => name === 'idempotencyKey'));
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  it('looks at it before anything else, and says what is wrong with it', async () => {
    for (const { name, resolve } of MUTATIONS) {
      const asked = async () => resolve?.({}, { idempotencyKey: 'short' }, {}, {} as GraphQLResolveInfo);
      await expect({ name, said: await asked().catch(String) }).toEqual({
        name,
        said: expect.stringContaining('idempotencyKey: write 8 to 200 visible ASCII characters'),
      });
    }
  });

  it('must have it where money moves', () => {
    const required = MUTATIONS.filter(({ args }) =>
      args.some(({ name, type }) => name === 'idempotencyKey' && String(type) === 'String!'),
    );
    const money = [
      'grantCredit',
      'payInvoice',
      'paymentForm',
      'recordChargeback',
      'recordPayment',
      'refundPayment',
      'refundWallet',
      'topUpWallet',
      'transferCredit',
    ];
    expect(required.map(({ name }) => name).sort()).toEqual(money);
    expect(money.filter((name) => repeatingOf(name).required !== true)).toEqual([]);
  });
});

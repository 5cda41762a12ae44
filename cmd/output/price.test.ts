import { describe, expect, it } from '@jest/globals';
import type { Price } from '../../billing/forecast/price.ts';
import { paintOf } from '../io.ts';
import { reviewText } from './review.ts';

const delta = (month: string) => ({ now: '0.00', period: month, month });
const price: Price = {
  accounts: [
    {
      account: 'demo',
      currency: 'EUR',
      ...delta('12.50'),
      items: [
        { key: 'VirtualMachine/demo/small', ...delta('2.50') },
        { key: 'VirtualMachine/demo/large', ...delta('10.00') },
      ],
      others: 3,
      refusals: [{ key: 'Subscription/demo/twice', code: 'SingletonTaken' }],
      bridges: [{ subscription: 'demo/s1', charge: 'fee', from: '2026-06-01', to: '2026-06-15', amount: '4.52' }],
      warnings: [
        { code: 'BudgetExceeded', budget: 'demo/month', limit: '10.00', amount: '12.50' },
        { code: 'CreditLimitExceeded', budget: null, limit: '11.00', amount: '12.50' },
      ],
    },
  ],
  impact: [{ object: 'RateCard/eur', currency: 'EUR', accounts: 1, subscriptions: 2, month: '-4.00', gross: '4.00' }],
  complete: false,
};

describe('the price of a plan', () => {
  it('shows the dearest first, what is in the way, and whom new prices touch', () => {
    const key = { kind: 'VirtualMachine', project: 'demo', name: 'large' };
    const object = {
      key,
      change: 'created' as const,
      changes: [],
      ready: true,
      gone: false,
      reason: 'Ready',
      message: '',
    };
    const text = reviewText({ id: null, complete: true, objects: [object], steps: [], price }, paintOf(false));
    expect(text).toContain(
      [
        'Price, before discounts and tax:',
        '  account demo: +0.00 now, +12.50 this period, +12.50 EUR a month',
        '    VirtualMachine/demo/large: +0.00 now, +10.00 this period, +10.00 EUR a month',
        '    VirtualMachine/demo/small: +0.00 now, +2.50 this period, +2.50 EUR a month',
        '    and 3 more in the sum',
        '    demo/s1: fee from 2026-06-01 to 2026-06-15 is 4.52 EUR, then whole periods',
        '    Subscription/demo/twice would be refused: SingletonTaken',
        '    Budget demo/month is 10.00 EUR; this comes to 12.50.',
        '    The credit limit is 11.00 EUR: new subscriptions are refused.',
        '  RateCard/eur touches 1 account, 2 subscriptions: -4.00 EUR a month',
        '  More accounts are touched than were looked at.',
      ].join('\n'),
    );
  });
});

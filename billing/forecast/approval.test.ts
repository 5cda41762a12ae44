import { describe, expect, it } from '@jest/globals';
import { unapproved } from './approval.ts';

const impact = (accounts: number, gross: string, currency = 'EUR') => ({
  object: 'RateCard/public',
  currency,
  accounts,
  subscriptions: accounts,
  month: gross,
  gross,
});

describe('new prices that touch many', () => {
  it('need nobody’s word while they touch few by little', () => {
    expect(unapproved({ impact: [impact(10, '100.00')], complete: true }, undefined)).toBeNull();
    expect(unapproved({ impact: [impact(11, '1.00')], complete: true }, undefined)).toContain('11 accounts');
    expect(unapproved({ impact: [impact(1, '100.01')], complete: true }, undefined)).toContain('100.01 EUR a month');
  });

  it('are taken up to what somebody approved, in every currency', () => {
    const both = { impact: [impact(300, '5000.00'), impact(2, '400', 'JPY')], complete: true };
    expect(unapproved(both, { accounts: 302, month: '5000.00' })).toBeNull();
    expect(unapproved(both, { accounts: 301, month: '5000.00' })).toContain('accounts: 302, month: "5000.00"');
    expect(unapproved(both, { accounts: 302, month: '4999.99' })).not.toBeNull();
  });

  it('need a word for more than were looked at, where not all were', () => {
    const some = { impact: [impact(2, '4.00')], complete: false };
    expect(unapproved(some, undefined)).toContain('more than 2 accounts');
    expect(unapproved(some, { accounts: 2, month: '4.00' })).not.toBeNull();
    expect(unapproved(some, { accounts: 3, month: '4.00' })).toBeNull();
  });
});

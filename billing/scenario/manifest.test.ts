import { describe, expect, it } from '@jest/globals';
import { parseScenario } from './parse.ts';
import { printBooks } from './print.ts';
import { run } from './run.ts';

const LONG = [
  { apiVersion: 'steward/v1', kind: 'Bundle', metadata: { name: 'web' }, spec: { charges: [{ name: 'web' }] } },
  { kind: 'RateCard', metadata: { name: 'prices' }, spec: { revisions: [{ prices: { web: '30.00' } }] } },
  { kind: 'Subscription', metadata: { name: 's1', project: 'shop' }, spec: { bundle: 'web' } },
];

describe('manifests of a scenario', () => {
  it.each<[string, object[]]>([
    [
      'with a name in front',
      [
        { kind: 'Bundle', name: 'web', spec: { charges: ['web'] } },
        { kind: 'RateCard', name: 'prices', spec: { prices: { web: 30 } } },
        { kind: 'Subscription', name: 's1', spec: { bundle: 'web' } },
      ],
    ],
    [
      'with their fields beside the name',
      [
        { kind: 'Bundle', name: 'web', charges: [{ name: 'web', type: 'recurring', every: 'monthly' }] },
        { kind: 'RateCard', name: 'prices', prices: [{ charge: 'web', model: 'standard', unitPrice: '30.00' }] },
        { kind: 'Subscription', name: 's1', bundle: 'web' },
      ],
    ],
    [
      'without a bundle, or what is in it',
      [
        { kind: 'RateCard', name: 'prices', prices: { web: { unitPrice: '30.00' } } },
        { kind: 'Subscription', name: 's1', bundle: 'web' },
      ],
    ],
    [
      'beside others that have no figures',
      [...LONG, { kind: 'Catalog', metadata: { name: 'public' }, spec: { bundles: ['web'] } }],
    ],
  ])('%s mean the same as the long ones', (_name, apply) => {
    expect(played([{ at: '2026-01-31', apply }])).toEqual(played([{ at: '2026-01-31', apply: LONG }]));
    expect(played([{ at: '2026-01-31', apply }]).invoices).toMatchObject([{ total: '30.00' }]);
  });

  it('a card of prices alone is the next revision, from its step on', () => {
    const { invoices, events } = played([
      { at: '2026-01-01', apply: LONG },
      { at: '2026-03-01', apply: [{ kind: 'RateCard', name: 'prices', prices: { web: 40 } }] },
      { at: '2026-03-02' },
    ]);
    expect(invoices.map(({ total }) => total)).toEqual(['30.00', '30.00', '40.00']);
    expect(events.map(({ code }) => code)).not.toContain('RevisionRemoved');
  });

  it('usage of a product without a meter counts as it comes', () => {
    const { invoices } = played([
      {
        at: '2026-01-01',
        apply: [
          { kind: 'Bundle', name: 'vm', charges: [{ name: 'vm.running', type: 'USAGE' }] },
          { kind: 'RateCard', name: 'prices', prices: { 'vm.running': '0.05' } },
          { kind: 'Subscription', name: 's1', bundle: 'vm' },
        ],
      },
      {
        at: '2026-01-02',
        usage: [{ meter: 'vm.running', from: '2026-01-01T11:30', to: '2026-01-01T12:30', quantity: 8 }],
      },
      { at: '2026-02-02' },
    ]);
    expect(invoices).toMatchObject([
      { lines: [{ product: 'vm.running', quantity: '8', amount: '0.40', kind: 'USAGE' }] },
    ]);
  });

  it('what money is given back for can be named as it was when it was open', () => {
    const { invoices, events } = played([
      { at: '2026-01-31', apply: LONG },
      { at: '2026-02-01', pay: { invoice: 'first-open' } },
      { at: '2026-02-02', refund: { invoice: 'first-open', amount: '5.00' }, adjust: { line: 'web', amount: '-1.00' } },
    ]);
    expect(events.map(({ code }) => code)).toEqual(['InvoiceIssued', 'CreditNoteIssued']);
    expect(invoices).toMatchObject([{ due: '4.00' }]);
  });

  it('an adjustment is the command that it asks for, once, however often it is applied', () => {
    const outage = { kind: 'Adjustment', name: 'outage', type: 'LINE', line: 'web', amount: '5.00', reason: 'Outage' };
    const { creditNotes, credit } = played([
      { at: '2026-01-31', apply: LONG },
      { at: '2026-02-01', apply: outage },
      {
        at: '2026-02-02',
        apply: [outage, { kind: 'Adjustment', name: 'gift', type: 'CREDIT', amount: 3, reason: 'Sorry' }],
      },
    ]);
    expect(creditNotes).toMatchObject([{ lines: [{ kind: 'ADJUSTMENT', amount: '5.00' }] }]);
    expect(credit).toBe('3.00');
  });

  it('prices in another currency are not prices here', () => {
    const [bundle, , subscription] = LONG;
    const card = { kind: 'RateCard', name: 'dollars', currency: 'USD', prices: { web: 35 } };
    const { invoices, events } = played([{ at: '2026-01-31', apply: [bundle, card, subscription] }]);
    expect(invoices).toEqual([]);
    expect(events).toMatchObject([{ code: 'PriceGap' }]);
  });

  it('the policy may say what a month is, for revisions that do not', () => {
    const apply = [
      { kind: 'Meter', name: 'ip', aggregate: 'LEVEL', perMonth: true },
      { kind: 'Bundle', name: 'ip', charges: [{ product: 'ip', type: 'USAGE' }] },
      { kind: 'RateCard', name: 'prices', prices: { ip: '1.00' } },
      { kind: 'Subscription', name: 's1', bundle: 'ip' },
    ];
    const usage = { meter: 'ip', from: '2026-01-01', to: '2026-01-31', quantity: 1 };
    const steps = [{ at: '2026-01-01', apply }, { at: '2026-01-31', usage }, { at: '2026-02-03' }];
    // T-69: 720 hours of 744 cost 0.967742.
    expect(
      played(steps, { billing: 'CALENDAR', hoursPerMonth: 744, collectionWindow: 'PT36H' }).invoices,
    ).toMatchObject([{ issuedAt: '2026-02-02T12:00:00', total: '0.97' }]);
  });

  it('modes of late usage may be their numbers', () => {
    const read = (lateUsage: unknown) => parseScenario({ policy: { lateUsagePolicy: lateUsage }, steps: [] });
    expect(read(3)).toEqual(read('CREDIT_REBILL'));
    expect(read(4)).toEqual({ faults: [expect.stringContaining('policy.lateUsage: found 4; write one of IGNORE')] });
  });

  it('an account has a billing day of its own', () => {
    const { invoices } = played([
      { at: '2026-01-10', apply: [...LONG, { kind: 'Account', name: 'a', billingDay: 20 }] },
      { at: '2026-01-20' },
    ]);
    expect(invoices).toMatchObject([
      // 10 of the 31 days since December 20.
      { lines: [{ from: '2026-01-10', to: '2026-01-20', amount: '9.68' }] },
      { lines: [{ from: '2026-01-20', to: '2026-02-20', amount: '30.00' }] },
    ]);
  });

  it.each([
    [{ kind: 'Campaign', name: 'c', percentOff: 120 }, 'spec.percentOff: found 120; write at most 100'],
    [{ kind: 'RateCard', name: 'c', prices: { a: -5 } }, 'found -5; write a decimal number of at least 0'],
    [{ kind: 'Account', name: 'a', ancor: '2026-01-01' }, 'spec.ancor: no such field'],
    [{ kind: 'Account', name: 'a', anchor: '2026-13-01' }, 'spec.anchor: found "2026-13-01"; write a date'],
    [{ kind: 'Adjustment', name: 'a', type: 'CREDIT' }, 'spec.amount: found nothing; write the amount to credit'],
  ])('%j is refused', (apply, fault) => {
    expect(parseScenario({ steps: [{ at: '2026-01-01', apply }] })).toEqual({
      faults: [expect.stringContaining(fault)],
    });
  });

  it('a spec and fields beside it leave open which are meant', () => {
    expect(
      parseScenario({ steps: [{ at: '2026-01-01', apply: [{ kind: 'Bundle', name: 'a', spec: {}, trialDays: 3 }] }] }),
    ).toEqual({
      faults: ['scenario.steps[0].apply[0]: has a spec, and trialDays beside it; write them into the spec'],
    });
  });
});

function played(steps: object[], policy = {}) {
  const result = parseScenario({ currency: 'EUR', policy, steps });
  if ('faults' in result) throw new Error(result.faults.join('\n'));
  return printBooks(run(result.scenario), result.scenario.steps.at(-1)?.at ?? 0);
}

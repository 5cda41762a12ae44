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

  it('a spec and fields beside it leave open which are meant', () => {
    expect(
      parseScenario({ steps: [{ at: '2026-01-01', apply: [{ kind: 'Bundle', name: 'a', spec: {}, trialDays: 3 }] }] }),
    ).toEqual({
      faults: ['scenario.steps[0].apply[0]: has a spec, and trialDays beside it; write them into the spec'],
    });
  });
});

function played(steps: object[]) {
  const result = parseScenario({ currency: 'EUR', steps });
  if ('faults' in result) throw new Error(result.faults.join('\n'));
  return printBooks(run(result.scenario), result.scenario.steps.at(-1)?.at ?? 0);
}

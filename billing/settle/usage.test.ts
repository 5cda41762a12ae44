import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dayFrom, dayNumber } from '../calendar/civil.ts';
import { total } from '../group.ts';
import { checkScenario } from '../scenario/check.ts';
import { parseScenario, type Scenario } from '../scenario/parse.ts';
import { run } from '../scenario/run.ts';
import type { Books } from './books.ts';

const START = dayNumber('2026-01-01');

/** A day of usage, and how many days later it becomes known. */
interface Sent {
  day: number;
  late: number;
  resource: 'a' | 'b';
  quantity: number;
}

const sent = fc.uniqueArray(
  fc.record<Sent>({
    day: fc.integer({ min: 0, max: 80 }),
    late: fc.constantFrom(1, 1, 1, 9, 40),
    resource: fc.constantFrom('a', 'b'),
    quantity: fc.integer({ min: 0, max: 40 }),
  }),
  { maxLength: 12, selector: ({ day, resource }) => `${day} ${resource}` },
);

describe('usage of two subscriptions that share a pool', () => {
  it('is the same walked, jumped and shuffled, with late usage, tiers, commitments and price changes', () => {
    fc.assert(
      fc.property(sent, fc.constantFrom('NEXT_INVOICE', 'CREDIT_REBILL', 'IGNORE_AND_REPORT'), (all, lateUsage) => {
        expect(checkScenario(scenarioOf(all, lateUsage))).toEqual([]);
      }),
      { numRuns: 4 },
    );
  });

  it('late or not, it ends at the same sum', () => {
    fc.assert(
      fc.property(sent, fc.constantFrom('NEXT_INVOICE', 'CREDIT_REBILL'), (all, lateUsage) => {
        const prompt = all.map((each) => ({ ...each, late: 1 }));
        expect(charged(run(scenarioOf(all, lateUsage)))).toBe(charged(run(scenarioOf(prompt, lateUsage))));
      }),
      { numRuns: 25 },
    );
  });
});

/** What was charged and not credited again. */
function charged({ invoices, creditNotes }: Books): bigint {
  return total(invoices, (invoice) => invoice.total) - total(creditNotes, (note) => note.total);
}

function scenarioOf(all: readonly Sent[], lateUsage: string): Scenario {
  const tiers = { model: 'GRADUATED', tiers: [{ upTo: 20, unitPrice: 0.37, flat: 1 }, { unitPrice: 0.11 }] };
  const apply = [
    { kind: 'Meter', name: 'u', spec: {} },
    {
      kind: 'Bundle',
      name: 'plan',
      spec: {
        charges: [
          { name: 'u', type: 'USAGE' },
          { name: 'minimum', type: 'COMMITMENT', of: ['u'] },
        ],
        entitlements: [{ product: 'u', included: 10, scope: 'ACCOUNT' }],
      },
    },
    {
      kind: 'RateCard',
      name: 'prices',
      spec: {
        revisions: [
          { from: '2025-01-01', prices: { u: tiers, minimum: 5 } },
          { from: '2026-02-10', prices: { u: 0.5, minimum: 7 } },
        ],
      },
    },
    { kind: 'Subscription', name: 's1', spec: { bundle: 'plan', resources: ['a'] } },
    { kind: 'Subscription', name: 's2', spec: { bundle: 'plan', resources: ['b'] } },
  ];
  const days = [...new Set(all.map(({ day, late }) => day + late))].toSorted((a, b) => a - b);
  const usage = days.map((known) => ({
    at: `${dayFrom(START + known)}T03:00`,
    usage: all
      .filter(({ day, late }) => day + late === known)
      .map(({ day, resource, quantity }) => ({
        meter: 'u',
        resource,
        from: dayFrom(START + day),
        to: dayFrom(START + day + 1),
        quantity,
      })),
  }));
  const result = parseScenario({
    currency: 'EUR',
    policy: { billing: 'CALENDAR', lateUsage, collectionWindowHours: 4 },
    steps: [{ at: '2026-01-01', apply }, ...usage, { at: '2026-07-15' }],
  });
  if ('faults' in result) throw new Error(result.faults.join('\n'));
  return result.scenario;
}

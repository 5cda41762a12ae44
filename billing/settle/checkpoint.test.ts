import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dayFrom, dayNumber } from '../calendar/civil.ts';
import { parseScenario, type Scenario } from '../scenario/parse.ts';
import { printBooks } from '../scenario/print.ts';
import { run } from '../scenario/run.ts';
import type { Books } from './books.ts';
import { settle } from './settle.ts';

const START = dayNumber('2026-01-01');
const DAYS = 200;

/** What somebody does on a day: with `back`, it is about a time that many days ago. */
interface Act {
  day: number;
  back: number;
  what: 'use' | 'replace' | 'subscribe' | 'change' | 'end' | 'price' | 'meter' | 'hold';
  which: number;
}

const acts = fc
  .uniqueArray(
    fc.record<Act>({
      day: fc.integer({ min: 1, max: DAYS - 10 }),
      back: fc.constantFrom(0, 0, 1, 3, 20, 45),
      what: fc.constantFrom('use', 'use', 'use', 'replace', 'subscribe', 'change', 'end', 'price', 'meter', 'hold'),
      which: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 3, maxLength: 12, selector: ({ day }) => day },
  )
  .map((list) => list.toSorted((a, b) => a.day - b.day));

describe('a checkpoint', () => {
  it('never changes what is booked, whatever comes late, is replaced, backdated or published anew', () => {
    fc.assert(
      fc.property(acts, fc.constantFrom('SUBSCRIPTION', 'ACCOUNT'), fc.boolean(), (list, scope, calendar) => {
        const scenario = scenarioOf(list, { scope, calendar });
        const end = scenario.steps.at(-1)?.at ?? 0;
        expect(printBooks(run(scenario), end)).toEqual(printBooks(run(scenario, { isWhole: true }), end));
      }),
      { numRuns: 30 },
    );
  });

  it('leaves out what is closed, until something about it changes', () => {
    let books: Books | undefined;
    const scenario = scenarioOf([{ day: 3, back: 0, what: 'use', which: 1 }], {
      scope: 'SUBSCRIPTION',
      calendar: true,
    });
    run(scenario, { after: (after) => (books = after) });
    if (books === undefined) throw new Error('nothing was played');
    const at = (day: number) => (START + day) * 86_400_000;
    const { checkpoint } = settle(books, at(DAYS));
    expect([...(checkpoint?.since ?? [])]).toEqual([
      ['s1', dayNumber('2026-07-01') * 86_400_000],
      ['s2', dayNumber('2026-07-01') * 86_400_000],
    ]);
    const again = settle(books, at(DAYS + 1), checkpoint);
    expect(again.checkpoint?.inputs).toBe(checkpoint?.inputs);
    const late = books.usage.map((window) => ({ ...window, id: 'late', from: window.to, to: window.to + 1 }));
    const touched = { ...books, usage: [...books.usage, ...late] };
    expect(settle(touched, at(DAYS + 1), checkpoint)).toEqual(settle(touched, at(DAYS + 1)));
    expect(settle(touched, at(DAYS + 1), checkpoint).checkpoint?.inputs).not.toBe(checkpoint?.inputs);
  });
});

function scenarioOf(list: readonly Act[], { scope, calendar }: { scope: string; calendar: boolean }): Scenario {
  const steps = [
    { at: dayFrom(START), apply: [...CATALOG(scope), subscription(1, 'plan'), subscription(2, 'plan')] },
    ...list.map((act, index) => ({ at: `${dayFrom(START + act.day)}T05:00`, ...stepOf(act, index) })),
    { at: dayFrom(START + DAYS) },
  ];
  const result = parseScenario({
    currency: 'EUR',
    policy: { billing: calendar ? 'CALENDAR' : 'ANNIVERSARY', collectionWindowHours: 30, creditBlockedDays: true },
    steps,
  });
  if ('faults' in result) throw new Error(result.faults.join('\n'));
  return result.scenario;
}

function stepOf({ day, back, what, which }: Act, index: number): object {
  const then = dayFrom(START + Math.max(0, day - back - 1));
  const used = { meter: 'u', resource: `r${which}`, at: `${then}T0${which}:00`, quantity: which * 7 };
  switch (what) {
    case 'use':
      return { usage: [{ ...used, id: `u${index}` }] };
    case 'replace':
      return { usage: [{ ...used, id: `u${index}`, supersedes: `u${index - 1}` }] };
    case 'subscribe':
      return { apply: [{ kind: 'Subscription', name: `t${which}`, spec: { bundle: 'plan', start: then } }] };
    case 'change':
      return { apply: [subscription(which, 'big')] };
    case 'end':
      return {
        apply: [{ ...subscription(which, 'plan'), spec: { bundle: 'plan', resources: [`r${which}`], end: then } }],
      };
    case 'price':
      return { apply: [card(2, [{ from: dayFrom(START + day + which * 10), prices: prices(which) }])] };
    case 'meter':
      return { apply: [{ kind: 'Meter', name: 'u', spec: { factor: which } }] };
    case 'hold':
      return { [index % 2 === 0 ? 'hold' : 'lift']: { id: 'admin' } };
  }
}

const prices = (step: number) => ({ u: `0.${step}7`, fee: 10 + step, yearly: 99, least: 20 });
const card = (number: number, revisions: object[]) => ({ kind: 'RateCard', name: `c${number}`, spec: { revisions } });
const subscription = (which: number, bundle: string) => ({
  kind: 'Subscription',
  name: `s${which}`,
  spec: { bundle, resources: [`r${which}`] },
});

const CATALOG = (scope: string) => [
  { kind: 'Meter', name: 'u', spec: {} },
  {
    kind: 'Bundle',
    name: 'plan',
    spec: {
      charges: [{ name: 'fee' }, { name: 'u', type: 'USAGE' }, { name: 'least', type: 'COMMITMENT', of: ['u', 'fee'] }],
      entitlements: [{ product: 'u', included: 10, scope }],
    },
  },
  {
    kind: 'Bundle',
    name: 'big',
    spec: {
      charges: [
        { name: 'yearly', every: 'YEAR' },
        { name: 'u', type: 'USAGE' },
      ],
    },
  },
  card(1, [{ from: '2025-01-01', prices: prices(0) }]),
];

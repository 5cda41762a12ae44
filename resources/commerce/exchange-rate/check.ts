import { dayFrom, dayNumber } from '../../../billing/calendar/civil.ts';
import { dayOf, isZone } from '../../../billing/calendar/zone.ts';
import { parseDecimal } from '../../../billing/money/rational.ts';
import type { SpecIssue } from '../../../reconciler/kind.ts';
import type { ExchangeRateSpec } from './kind.ts';

interface CheckInput {
  spec: ExchangeRateSpec;
  old: ExchangeRateSpec | null;
  now: number;
}

/** Everything that may be wrong with rates by themselves, and with following the rates that there were. */
export function checkExchangeRate({ spec, old, now }: CheckInput): SpecIssue[] {
  const own = [...pairIssues(spec), ...revisionIssues(spec)];
  if (own.length > 0 || old === null) return own;
  const today = dayOf(now, spec.zone);
  return [...touched(spec, old, today), ...tooLate(spec, old, today)];
}

function pairIssues({ base, quote, zone }: ExchangeRateSpec): SpecIssue[] {
  return [
    ...(base === quote
      ? [{ path: '/quote', message: `is ${quote}, as the base is: a currency is always worth itself; name another.` }]
      : []),
    ...(isZone(zone)
      ? []
      : [{ path: '/zone', message: `is "${zone}", which is no time zone: write one such as Europe/Berlin.` }]),
  ];
}

function revisionIssues({ revisions }: ExchangeRateSpec): SpecIssue[] {
  return revisions.flatMap(({ from, rate }, index) => {
    const before = revisions[index - 1]?.from;
    return [
      ...(dayFrom(dayNumber(from)) === from
        ? []
        : [{ path: `/revisions/${index}/from`, message: `is ${from}, which is no day of the calendar.` }]),
      ...(before === undefined || before < from
        ? []
        : [
            {
              path: `/revisions/${index}/from`,
              message: `is ${from}, not after ${before} of the one before: give each a day of its own, oldest first.`,
            },
          ]),
      ...((parseDecimal(rate)?.num ?? 0n) > 0n
        ? []
        : [{ path: `/revisions/${index}/rate`, message: `is ${rate}: write a rate above 0.` }]),
    ];
  });
}

/** What has begun may be in a report already. */
function touched({ revisions }: ExchangeRateSpec, old: ExchangeRateSpec, today: string): SpecIssue[] {
  return old.revisions
    .filter(({ from }) => from <= today)
    .flatMap(({ from, rate }) => {
      const index = revisions.findIndex((each) => each.from === from);
      const now = revisions[index];
      if (now === undefined)
        return [
          { path: '/revisions', message: `lacks the rate from ${from}, ${rate}, which is in force: put it back.` },
        ];
      return sameRate(now.rate, rate)
        ? []
        : [
            {
              path: `/revisions/${index}/rate`,
              message: `changes the rate from ${from}, which is in force: put ${rate} back, and add one from today or later.`,
            },
          ];
    });
}

function tooLate({ revisions }: ExchangeRateSpec, old: ExchangeRateSpec, today: string): SpecIssue[] {
  const known = new Set(old.revisions.map(({ from }) => from));
  return revisions.flatMap(({ from }, index) =>
    known.has(from) || from >= today
      ? []
      : [
          {
            path: `/revisions/${index}/from`,
            message: `is ${from}, which is over: begin at ${today} or later.`,
          },
        ],
  );
}

function sameRate(a: string, b: string): boolean {
  const [left, right] = [parseDecimal(a), parseDecimal(b)];
  return left?.num === right?.num && left?.den === right?.den;
}

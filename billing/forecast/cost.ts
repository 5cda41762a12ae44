import type { Instant } from '../calendar/interval.ts';
import { contains } from '../calendar/interval.ts';
import type { PeriodLength } from '../calendar/period.ts';
import { addDuration } from '../calendar/zone.ts';
import { groupBy, total } from '../group.ts';
import { add, divide, type Rational, rational, roundRational, ZERO } from '../money/rational.ts';
import type { Books } from '../settle/books.ts';
import type { Charge } from '../settle/catalog.ts';
import { desiredLines } from '../settle/desired.ts';
import type { DesiredLine } from '../settle/line.ts';
import { asOf, contextOf, draftOf } from '../settle/settle.ts';

/** What books cost, in minor units, before discounts and tax. */
export interface Cost {
  /** Charged, or credited where it is below 0, as soon as somebody looks. */
  now: bigint;
  /** Of all periods that now lies in, whole, as far as it is in force in them. */
  period: bigint;
  /** The first whole periods to come, as so much a month. */
  month: bigint;
  /** That much a month, by subscription. */
  bySubscription: ReadonlyMap<string, bigint>;
}

/** Days of a month on average, over the four years of a leap cycle: 1461 / 48. */
const MONTH_DAYS = rational(1461n, 48n);

/**
 * Booking's own functions on books that nobody keeps: with the usage that is foreseen in them, until the longest charge had a whole
 * period. `wholeFrom`: the whole periods begin then or later, to see what prices do that begin later.
 */
export function costOf(books: Books, now: Instant, wholeFrom: Instant = now): Cost {
  const { lines } = desiredLines(contextOf(asOf(books, now), horizonOf(books, wholeFrom)));
  const { additions, reductions } = draftOf(books, { now, until: now });
  const months = monthly(lines, { books, wholeFrom });
  return {
    now: total(additions, ({ amount }) => amount) - total(reductions, ({ gross }) => gross),
    period: total(
      lines.filter((line) => contains(line.period, now)),
      ({ amount }) => amount,
    ),
    month: roundRational([...months.values()].reduce(add, ZERO), 'HALF_UP'),
    bySubscription: new Map([...months].map(([id, amount]) => [id, roundRational(amount, 'HALF_UP')])),
  };
}

/** Until when usage must be foreseen, so that every charge has a whole period. */
export function horizonOf({ account, catalog }: Books, from: Instant): Instant {
  const lengths = [...catalog.bundles.values()].flatMap(({ charges }) => charges.flatMap(everyOf));
  const most = Math.max(
    1,
    ...lengths.map((length) => Math.ceil(Number(monthsOf(length).num) / Number(monthsOf(length).den))),
  );
  return addDuration(from, `P${2 * most + 1}M`, account.zone);
}

/** By subscription: its first whole periods, each for its charge, as exact amounts a month. */
function monthly(
  lines: readonly DesiredLine[],
  { books, wholeFrom }: { books: Books; wholeFrom: Instant },
): Map<string, Rational> {
  const charges = new Map(
    [...books.catalog.bundles.values()].flatMap((bundle) =>
      bundle.charges.map((charge) => [charge.name, charge] as const),
    ),
  );
  const whole = lines.filter(({ period, kind }) => kind !== 'ONE_TIME' && period.from >= wholeFrom);
  const found = new Map<string, Rational>();
  for (const group of groupBy(whole, ({ subscription, charge }) => JSON.stringify([subscription, charge])).values()) {
    const first = Math.min(...group.map(({ period }) => period.from));
    const [line] = group;
    const charge = line === undefined ? undefined : charges.get(line.charge);
    const [length] = charge === undefined ? [] : everyOf(charge);
    if (line === undefined || length === undefined) continue;
    const amount = total(
      group.filter(({ period }) => period.from === first),
      (each) => each.amount,
    );
    const before = found.get(line.subscription) ?? ZERO;
    found.set(line.subscription, add(before, divide(rational(amount), monthsOf(length))));
  }
  return found;
}

function everyOf(charge: Charge): PeriodLength[] {
  return charge.type === 'ONE_TIME' ? [] : [charge.every];
}

function monthsOf({ unit, count }: PeriodLength): Rational {
  const many = BigInt(count);
  switch (unit) {
    case 'DAY':
      return divide(rational(many), MONTH_DAYS);
    case 'WEEK':
      return divide(rational(7n * many), MONTH_DAYS);
    case 'MONTH':
      return rational(many);
    case 'QUARTER':
      return rational(3n * many);
    case 'YEAR':
      return rational(12n * many);
  }
}

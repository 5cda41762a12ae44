import { type Day, dayFrom, dayInMonth, dayNumber, monthNumber } from '../calendar/civil.ts';
import type { Instant } from '../calendar/interval.ts';
import { dayOf, parseLocal } from '../calendar/zone.ts';
import { REPORTS, type ReportName } from './definitions.ts';
import type { ReportDefinition } from './report.ts';

/** When a report is due, again and again. */
export interface ScheduleRule {
  /** `day`: each day, about the day before; `month`: on the first, about the month before. */
  every: 'day' | 'month';
  /** Local time, `06:00`. */
  at: string;
  zone: string;
}

/** One due time, and the days that it tells of, both inclusive. */
export interface DueRun {
  at: Instant;
  from: Day;
  to: Day;
}

/** Dates further back than so many days or months are given up: after a long pause nobody reads them all. */
const LOOK_BACK = 62;

/** Every due time after one instant and up to another, oldest first, the newest `LOOK_BACK` of them. */
export function dueRuns(
  { every, at, zone }: ScheduleRule,
  { after, until }: { after: Instant; until: Instant },
): DueRun[] {
  const today = dayOf(until, zone);
  const dates = Array.from({ length: LOOK_BACK }, (_, index) =>
    every === 'day' ? dayFrom(dayNumber(today) - index) : dayInMonth(monthNumber(today) - index, 1),
  );
  return dates
    .toReversed()
    .map((date): DueRun => {
      const last = dayFrom(dayNumber(date) - 1);
      const from = every === 'day' ? last : dayInMonth(monthNumber(date) - 1, 1);
      return { at: parseLocal(`${date}T${at}`, zone) ?? 0, from, to: last };
    })
    .filter((run) => run.at > after && run.at <= until);
}

/** What a report is asked at a due time: the days where it takes some, and facts up to that very instant, whenever it is written. */
export function parametersOf(
  name: ReportName,
  { given, zone, run }: { given: Readonly<Record<string, string>>; zone: string; run: DueRun },
): Record<string, string> {
  const definition: ReportDefinition = REPORTS[name];
  const takes = (parameter: string) => parameter in definition.parameters.shape;
  return {
    ...given,
    ...(takes('zone') ? { zone } : {}),
    ...(takes('from') ? { from: run.from, to: run.to } : {}),
    ...(takes('month') ? { month: run.from.slice(0, 7) } : {}),
    asOf: new Date(run.at).toISOString(),
  };
}

/** What the schedule says by itself at every due time. */
const TIMES = ['from', 'to', 'month', 'zone', 'asOf'];

/** What is wrong with the parameters of a scheduled report, by their names. */
export function scheduledProblems(
  name: ReportName,
  given: Readonly<Record<string, string>>,
): { parameter: string; message: string }[] {
  const definition: ReportDefinition = REPORTS[name];
  const timed = Object.keys(given).filter((parameter) => TIMES.includes(parameter));
  const parsed = definition.parameters.strict().safeParse(given);
  return [
    ...timed.map((parameter) => ({ parameter, message: 'follows from the due time: leave it out.' })),
    ...(parsed.error?.issues ?? []).flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys
            .filter((parameter) => !TIMES.includes(parameter))
            .map((parameter) => ({ parameter, message: `is nothing that ${name} takes: leave it out.` }))
        : [{ parameter: String(issue.path[0] ?? ''), message: `cannot be so: ${issue.message}.` }],
    ),
  ];
}

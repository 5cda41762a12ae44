/** A local calendar day, `2026-02-28`. Texts of one length compare as the days do. */
export type Day = string;

const DAY_MS = 86_400_000;

/** Days since 1970-01-01. Plain arithmetic: proration does it often, and zones have no part in it. */
export function dayNumber(day: Day): number {
  const { year, month, dayOfMonth } = partsOf(day);
  return Date.UTC(year, month - 1, dayOfMonth) / DAY_MS;
}

export function dayFrom(number: number): Day {
  return new Date(number * DAY_MS).toISOString().slice(0, 10);
}

export function partsOf(day: Day): { year: number; month: number; dayOfMonth: number } {
  return { year: Number(day.slice(0, 4)), month: Number(day.slice(5, 7)), dayOfMonth: Number(day.slice(8, 10)) };
}

/** Months since the year 0: neighbouring months are neighbouring numbers. */
export function monthNumber(day: Day): number {
  const { year, month } = partsOf(day);
  return year * 12 + month - 1;
}

/** The wished day of a month, or the month's last where it is shorter. */
export function dayInMonth(month: number, wished: number): Day {
  const year = Math.floor(month / 12);
  const ofYear = month - year * 12;
  const last = new Date(Date.UTC(year, ofYear + 1, 0)).getUTCDate();
  return dayFrom(Date.UTC(year, ofYear, Math.min(wished, last)) / DAY_MS);
}

import type { Day } from '../../billing/calendar/civil.ts';
import { formatMoney, minorDigits } from '../../billing/money/currency.ts';
import { type Words, wordsOf } from './words.ts';

/** How amounts, days and quantities are written in a language. Numbers stay texts on their way there: none is ever a float. */
export interface Style {
  words: Words;
  money(minor: bigint): string;
  day(day: Day): string;
  days(first: Day, last: Day): string;
  quantity(decimal: string): string;
  percent(decimal: string): string;
}

export function styleOf({ language, currency }: { language: string; currency: string }): Style {
  const locale = isLocale(language) ? language : 'en';
  // Those of ISO 4217, as in the books: what people usually round to, as with forints, would print another amount than is owed.
  const digits = minorDigits(currency);
  const money = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 6 });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  const day = (each: Day) => date.format(new Date(`${each}T00:00:00Z`));
  return {
    words: wordsOf(locale),
    money: (minor) => money.format(exact(formatMoney(minor, currency))),
    day,
    days: (first, last) => (first === last ? day(first) : `${day(first)} – ${day(last)}`),
    quantity: (decimal) => number.format(exact(decimal)),
    percent: (decimal) => `${number.format(exact(decimal))} %`,
  };
}

/** Formatters take decimal texts as they are, with every digit. */
function exact(decimal: string): Intl.StringNumericLiteral {
  return decimal as Intl.StringNumericLiteral;
}

function isLocale(language: string): boolean {
  try {
    return Intl.getCanonicalLocales(language).length === 1;
  } catch {
    return false;
  }
}

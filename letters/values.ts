import type { Reader } from './reader.ts';

/**
 * What a variable's text is: words; a decimal number; `119.00 EUR`; a day such as 2026-01-31, the same one in every time zone; an instant
 * (ISO 8601).
 */
export type VariableType = 'text' | 'number' | 'money' | 'day' | 'instant';

/** The value as a reader writes it. One that is not what its type says, such as words of an older version, stays as it is. */
export function shownValue(value: string, type: VariableType, reader: Reader): string {
  if (type === 'number') return DECIMAL.test(value) ? numberFormat(reader.locale, {}).format(decimal(value)) : value;
  if (type === 'money') return shownMoney(value, reader.locale);
  const at = type === 'text' ? null : instantOf(value);
  return at === null ? value : dateTimeFormat(reader, type === 'day' ? DAY_STYLE : INSTANT_STYLE).format(at);
}

/** A day is midnight UTC and knows that it is a day. Null: neither a day nor an instant. */
export function instantOf(value: string): Date | null {
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return validOrNull(new CivilDay(`${value}T00:00:00Z`));
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? validOrNull(new Date(value)) : null;
}

/** Writes decimals as they are, with every digit; `119.00 EUR` by its number alone. */
export function numberFormat(locale: string, options: object): Intl.NumberFormat {
  return new Intl.NumberFormat(locale, options);
}

/** Instants in the reader's time zone, days as they are. */
export function dateTimeFormat(
  { locale, zone }: Reader,
  options: Intl.DateTimeFormatOptions,
): Pick<Intl.DateTimeFormat, 'format'> {
  const instants = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
  const days = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
  return { format: (at) => (at instanceof CivilDay ? days : instants).format(at) };
}

class CivilDay extends Date {}

const DAY_STYLE: Intl.DateTimeFormatOptions = { dateStyle: 'long' };
const INSTANT_STYLE: Intl.DateTimeFormatOptions = {
  year: 'numeric',
  month: 'long',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  timeZoneName: 'short',
};
const DECIMAL = /^-?\d{1,100}(\.\d{1,100})?$/;
const MONEY = /^(-?\d{1,100}(?:\.\d{1,100})?) ([A-Z]{3})$/;

function shownMoney(value: string, locale: string): string {
  const [, amount, currency] = MONEY.exec(value) ?? [];
  if (amount === undefined || currency === undefined) return value;
  return numberFormat(locale, { style: 'currency', currency }).format(decimal(amount));
}

function decimal(value: string): Intl.StringNumericLiteral {
  return value as Intl.StringNumericLiteral;
}

function validOrNull(at: Date): Date | null {
  return Number.isNaN(at.getTime()) ? null : at;
}

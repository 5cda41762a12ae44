import { z } from 'zod';

/** Field types of the books: decimals are texts, so that no digit is lost; a number in a manifest becomes its text. */

const asText = (value: unknown) => (typeof value === 'number' ? String(value) : value);

function textual(pattern: RegExp, words: string) {
  return z.preprocess(asText, z.string().max(40).regex(pattern, words)).meta({ type: ['string', 'number'] });
}

/** An exact decimal from 0 with at most 12 decimals, such as `0.000125`. */
export function decimal() {
  return textual(/^\d{1,26}(\.\d{1,12})?$/, 'a decimal number from 0 with at most 12 decimals, such as 0.12');
}

/** An amount in the currency of its account or card. How many decimals it may have depends on that currency. */
export function amount() {
  return textual(/^\d{1,15}(\.\d{1,12})?$/, 'an amount from 0 such as 12.50');
}

export function hours() {
  return textual(/^(actual|\d{1,4}(\.\d{1,6})?)$/, 'a number of hours such as 730, or actual');
}

export function included() {
  return textual(/^(UNLIMITED|\d{1,26}(\.\d{1,12})?)$/, 'a decimal number of units, or UNLIMITED');
}

export function currency() {
  return z
    .string()
    .regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as EUR')
    .describe('ISO 4217 code.');
}

export function zoneName() {
  return z
    .string()
    .max(64)
    .regex(/^[A-Za-z][A-Za-z0-9_+/-]*$/, 'an IANA time zone such as Europe/Berlin');
}

/** A date is its local midnight; a time without an offset is local, too. */
export function localTime() {
  return z
    .string()
    .regex(
      /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/,
      'a date or a local time, such as 2026-02-28 or 2026-02-28T12:00',
    );
}

/** What charges, prices and products are called. Meters that the cloud observes have dots in theirs: `vm.running`. */
export function itemName() {
  return z
    .string()
    .regex(/^[A-Za-z0-9]([A-Za-z0-9._:-]{0,61}[A-Za-z0-9])?$/, 'a name: letters, digits, ".", "_", ":" or "-"');
}

export function countryCode() {
  return z.string().regex(/^[A-Z]{2}$/, 'an ISO 3166-1 code of two letters such as DE');
}

export function language() {
  return z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'a language tag such as en or pt-BR');
}

/** A postal address as documents print it. */
export function address() {
  return z.object({
    lines: z.array(z.string().min(1).max(200)).max(4).default([]).describe('Street, number, floor.'),
    postalCode: z.string().max(20).optional().describe('Postal code.'),
    city: z.string().max(100).optional().describe('City.'),
    region: z.string().max(100).optional().describe('State or province.'),
    country: countryCode().optional().describe('ISO 3166-1 code of the country, such as DE.'),
  });
}

/** What becomes a document's text is bounded. */
export function words(max = 200) {
  return z.string().min(1).max(max);
}

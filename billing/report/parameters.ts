import { z } from 'zod';

const day = () => z.string().regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'a day such as 2026-01-31');

export const asOf = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/, 'an instant such as 2026-01-31T12:00:00Z')
  .optional()
  .describe('Facts up to this instant; now without it. The same instant gives the same report.');

const zone = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][A-Za-z0-9_+/-]*$/, 'an IANA time zone such as Europe/Berlin')
  .default('UTC')
  .describe('IANA zone in which days and months begin.');

/** Without days: the running month. */
export const months = {
  // Which days are meant where none are said.
  from: day().optional().meta({ span: 'month' }).describe('First day; the first of the running month without it.'),
  to: day().optional().describe('Last day; the last of the month that `from` is in without it.'),
  zone,
};

/** Without days: everything until now. */
export const common = {
  from: day().optional().describe('First day; the first of all without it.'),
  to: day().optional().describe('Last day; today without it.'),
  zone,
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as EUR')
    .optional()
    .describe("Currency to say everything in, at the rate of each document's day; each in its own without it."),
  asOf,
};

export const customers = {
  account: z.string().min(1).max(200).optional().describe('Only this account.'),
  channel: z.string().min(1).max(200).optional().describe('Only accounts of this channel.'),
};

export const top = z.coerce.number().int().min(1).max(1_000).default(10).describe('How many rows at most.');

import { z } from 'zod';
import { isZone } from '../../../billing/calendar/zone.ts';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell, displayName } from '../../schema.ts';
import { address, countryCode, currency, language, words, zoneName } from '../fields.ts';

const countries = () => z.array(countryCode()).max(300).default([]);
const domains = () => z.array(z.string().toLowerCase().max(253)).max(1000).default([]);

const spec = z.object({
  displayName: displayName(),
  catalog: ref('Catalog').meta({ update: 'live' }).describe('What its customers can buy, and at which prices.'),
  currencies: z
    .array(currency())
    .min(1)
    .max(50)
    .default(['EUR'])
    .meta({ update: 'live' })
    .describe('Currencies that its accounts may be billed in.'),
  zone: zoneName().default('UTC').meta({ update: 'live' }).describe('IANA zone that new accounts begin with.'),
  language: language().default('en').meta({ update: 'live' }).describe('Language that new accounts begin with.'),
  domain: z.string().max(253).optional().meta({ update: 'live' }).describe('Host name by which visitors come to it.'),
  seller: z
    .object({
      name: words().optional().describe('Legal name.'),
      address: address().prefault({}).describe('Where it has its seat.'),
      taxId: words(40).optional().describe('VAT identifier, such as DE123456789.'),
      registration: words(100).optional().describe('Number in the register of companies.'),
      email: z.email().max(254).optional().describe('Where customers write to.'),
      phone: words(40).optional().describe('Where customers call.'),
      iban: z
        .string()
        .regex(/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/, 'an IBAN without spaces')
        .optional()
        .describe('Account for bank transfers.'),
      bic: z
        .string()
        .regex(/^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$/, 'a BIC of 8 or 11 characters')
        .optional()
        .describe('Bank of that account.'),
    })
    .prefault({})
    .meta({ update: 'live' })
    .describe('Who sells, as documents name it.'),
  invoiceSeries: ref('NumberSeries')
    .optional()
    .meta({ update: 'live' })
    .describe("Numbers of its invoices; the installation's own without it."),
  creditNoteSeries: ref('NumberSeries')
    .optional()
    .meta({ update: 'live' })
    .describe("Numbers of its credit notes; the installation's own without it."),
  emailDomains: z
    .object({
      allow: domains().describe('Welcome with all below them, whatever else says no. With any, no others are.'),
      deny: domains().describe('Not welcome, with all below them.'),
    })
    .prefault({})
    .meta({ update: 'live', group: 'Sign-up' })
    .describe(
      'Domains of addresses that may sign up. Allowed wins over denied, and both over the lists for everybody.',
    ),
  countries: z
    .object({
      allow: countries().describe('Welcome, whatever else says no. With any, no others are.'),
      deny: countries().describe('Not welcome.'),
    })
    .prefault({})
    .meta({ update: 'live', group: 'Sign-up' })
    .describe('Countries that may sign up. Allowed wins over denied, and both over the lists for everybody.'),
});

/** A way to customers: its catalog, currencies, seller and numbers. An account belongs to one. */
export const Channel = defineKind({
  kind: 'Channel',
  plural: 'channels',
  group: 'commerce',
  scope: 'global',
  shortNames: ['chan'],
  description: 'A way to customers: what they can buy, who sells it to them, and how documents are numbered.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'CATALOG', value: (channel) => cell(channel.spec.catalog) },
    { header: 'CURRENCIES', value: (channel) => cell(channel.spec.currencies) },
    { header: 'ZONE', wide: true, value: (channel) => cell(channel.spec.zone) },
  ],
  check: ({ spec: { zone } }) =>
    isZone(zone)
      ? []
      : [{ path: '/zone', message: `is "${zone}", which is no time zone: write one such as Europe/Berlin.` }],
  example: {
    apiVersion: 'steward/v1',
    kind: 'Channel',
    metadata: { name: 'direct' },
    spec: { catalog: 'public', currencies: ['EUR'], zone: 'Europe/Berlin', seller: { name: 'Example Cloud Ltd' } },
  },
});

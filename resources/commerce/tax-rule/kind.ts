import { z } from 'zod';
import { TAX_CATEGORIES } from '../../../billing/document/tax.ts';
import { readTaxRule } from '../../../billing/wish/catalog.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell } from '../../schema.ts';
import { ANY_ACCOUNT, wishIssues } from '../check-wish.ts';
import { decimal, localTime, words } from '../fields.ts';

const spec = z.object({
  jurisdiction: z
    .string()
    .max(60)
    .default('')
    .meta({ update: 'immutable' })
    .describe(
      'Whose tax it is, such as DE or US-CA: accounts with this jurisdiction pay it. Empty: those without one.',
    ),
  taxCode: z
    .string()
    .max(60)
    .default('*')
    .meta({ update: 'immutable' })
    .describe('Tax code of the charges that it taxes; * for those without a rule of their own.'),
  rate: decimal().meta({ update: 'immutable' }).describe('Per cent.'),
  from: localTime().optional().meta({ update: 'immutable' }).describe('First day; without it it always was.'),
  to: localTime().optional().meta({ update: 'live' }).describe('When it ends, exclusive; another rule can follow.'),
  inclusive: z.boolean().default(false).meta({ update: 'immutable' }).describe('Prices hold the tax already.'),
  category: z
    .enum(TAX_CATEGORIES)
    .optional()
    .meta({ update: 'immutable' })
    .describe('As electronic invoices name it (UNCL 5305); by the rate without it: S, or Z where it is 0.'),
  reason: words()
    .optional()
    .meta({ update: 'immutable' })
    .describe('Why nothing is charged, as documents say it: reverse charge, an exemption and its law.'),
});

/** A rate of tax. A document shows the rate as it was when it was issued. */
export const TaxRule = defineKind({
  kind: 'TaxRule',
  plural: 'taxRules',
  group: 'commerce',
  scope: 'global',
  shortNames: ['tax'],
  description: 'A rate of tax for a jurisdiction and a tax code, from when to when. A new rate is a new rule.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'JURISDICTION', value: (rule) => cell(rule.spec.jurisdiction) },
    { header: 'CODE', value: (rule) => cell(rule.spec.taxCode) },
    { header: 'RATE', value: (rule) => cell(rule.spec.rate) },
    { header: 'FROM', wide: true, value: (rule) => cell(rule.spec.from) },
    { header: 'TO', wide: true, value: (rule) => cell(rule.spec.to) },
  ],
  check: ({ spec: wished }) => wishIssues(wished, (reader) => readTaxRule('tax', reader, ANY_ACCOUNT)),
  example: {
    apiVersion: 'steward/v1',
    kind: 'TaxRule',
    metadata: { name: 'de-standard' },
    spec: { jurisdiction: 'DE', rate: '19', from: '2021-01-01' },
  },
});

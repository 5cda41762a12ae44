import { z } from 'zod';
import { CREDIT_NOTE_SERIES, INVOICE_SERIES } from '../../../billing/document/number-series.ts';
import { readSeries } from '../../../billing/wish/account.ts';
import { defineKind, type SpecIssue } from '../../../reconciler/kind.ts';
import { cell } from '../../schema.ts';
import { wishIssues } from '../check-wish.ts';

const spec = z.object({
  document: z.enum(['invoice', 'creditNote']).meta({ update: 'immutable' }).describe('What it numbers.'),
  format: z
    .string()
    .max(60)
    .regex(/^[A-Za-z0-9{}:_./-]*$/, 'letters, digits, "-", "_", ".", "/", {year} and {n} or {n:5}')
    .meta({ update: 'live' })
    .describe('{year} and {n}, or {n:5} with leading zeros.'),
  yearly: z.boolean().default(true).meta({ update: 'immutable' }).describe('It counts anew every year.'),
});

/** Numbers of documents, without gaps. */
export const NumberSeries = defineKind({
  kind: 'NumberSeries',
  plural: 'numberSeriesList',
  group: 'commerce',
  scope: 'global',
  shortNames: [],
  description: 'How documents are numbered, without gaps. Channels name theirs.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'DOCUMENT', value: (series) => cell(series.spec.document) },
    { header: 'FORMAT', value: (series) => cell(series.spec.format) },
    { header: 'YEARLY', wide: true, value: (series) => cell(series.spec.yearly) },
  ],
  check: ({ spec: wished }) => [...wishIssues(wished, (reader) => readSeries('series', reader)), ...ownFormat(wished)],
  // Two series with one format would give two documents one number.
  uniqueKeys: ({ spec: { format } }) => [`format/${format}`],
  uniqueField: '/format',
  example: {
    apiVersion: 'steward/v1',
    kind: 'NumberSeries',
    metadata: { name: 'direct-invoices' },
    spec: { document: 'invoice', format: 'D-{year}-{n:6}' },
  },
});

function ownFormat({ format }: { format: string }): SpecIssue[] {
  return [INVOICE_SERIES, CREDIT_NOTE_SERIES].some((own) => own.format === format)
    ? [
        {
          path: '/format',
          message: `is "${format}", which the installation numbers by itself: begin it with other letters.`,
        },
      ]
    : [];
}

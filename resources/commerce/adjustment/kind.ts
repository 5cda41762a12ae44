import { z } from 'zod';
import { readAdjustment } from '../../../billing/wish/adjustment.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell } from '../../schema.ts';
import { SEEN_IN_BOOKS } from '../books-sight.ts';
import { ANY_ACCOUNT, wishIssues } from '../check-wish.ts';
import { amount, words } from '../fields.ts';

const number = () =>
  z
    .string()
    .max(80)
    .regex(/^[A-Za-z0-9:_./-]+$/, 'a number of a document')
    .optional();

const spec = z.object({
  type: z
    .enum(['CREDIT', 'LINE', 'WRITE_OFF', 'VOID'])
    .meta({ update: 'immutable' })
    .describe(
      'CREDIT: a gift. LINE: less for a line. WRITE_OFF: an invoice is given up. VOID: an unpaid invoice was a mistake.',
    ),
  invoice: number().meta({ update: 'immutable' }).describe('Number of the invoice, for WRITE_OFF and VOID.'),
  line: number().meta({ update: 'immutable' }).describe('Invoice and place of the line, for LINE: INV-2026-00001/1.'),
  amount: amount().optional().meta({ update: 'immutable' }).describe('Before tax, above 0, for CREDIT and LINE.'),
  reason: words(1000).meta({ update: 'immutable' }).describe('Why. Documents show it.'),
});

const status = z.object({
  state: z.enum(['REQUESTED', 'BOOKED', 'REFUSED']).optional().describe('BOOKED: it is a record, and stays one.'),
  document: z.string().optional().describe('Number of the credit note, or what it was booked as.'),
  bookedAt: z.string().optional().describe('Instant.'),
  refusal: z.string().optional().describe('Why the books refused it, as a code.'),
});

/** A correction of what was booked: a request that becomes a record. */
export const Adjustment = defineKind({
  kind: 'Adjustment',
  plural: 'adjustments',
  group: 'commerce',
  scope: 'project',
  shortNames: ['adj'],
  description: "A correction of the account's books, booked once. Deleting it does not take it back.",
  spec,
  status,
  conditions: [],
  columns: [
    { header: 'TYPE', value: (adjustment) => cell(adjustment.spec.type) },
    { header: 'AMOUNT', value: (adjustment) => cell(adjustment.spec.amount) },
    { header: 'STATE', value: (adjustment) => cell(adjustment.status.state) },
    { header: 'DOCUMENT', value: (adjustment) => cell(adjustment.status.document) },
    { header: 'REASON', wide: true, value: (adjustment) => cell(adjustment.spec.reason) },
  ],
  check: ({ spec: wished }) => wishIssues(wished, (reader) => readAdjustment(reader, ANY_ACCOUNT)),
  ...SEEN_IN_BOOKS,
  example: {
    apiVersion: 'steward/v1',
    kind: 'Adjustment',
    metadata: { name: 'outage-of-may', project: 'default' },
    spec: { type: 'CREDIT', amount: '10.00', reason: 'Outage of 3 May' },
  },
});

import { z } from 'zod';
import { readBudget } from '../../../billing/wish/account.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell } from '../../schema.ts';
import { SEEN_IN_BOOKS } from '../books-sight.ts';
import { ANY_ACCOUNT, wishIssues } from '../check-wish.ts';
import { amount } from '../fields.ts';
import { moneyCell, moneyStatus } from '../money-status.ts';

const spec = z.object({
  amount: amount()
    .meta({ update: 'live' })
    .describe('What may be spent in a calendar month, above 0, in the currency of the account.'),
  user: z
    .string()
    .max(200)
    .optional()
    .meta({ update: 'live' })
    .describe("Whose budget it is; the account's without it. Users' budgets together stay within the account's."),
  thresholds: z
    .array(amount())
    .max(50)
    .default([])
    .meta({ update: 'live' })
    .describe('Amounts at which somebody is told, each once a month.'),
});

const status = z.object({
  spent: moneyStatus().nullable().optional().describe('What this month came to until now.'),
  reached: z.array(z.string()).optional().describe('Thresholds that this month reached.'),
});

/** What somebody means to spend. It warns; credit limits refuse. */
export const Budget = defineKind({
  kind: 'Budget',
  plural: 'budgets',
  group: 'commerce',
  scope: 'project',
  shortNames: [],
  description:
    "What the project's account, or one of its users, means to spend in a month. It warns; credit limits refuse.",
  spec,
  status,
  conditions: [],
  columns: [
    { header: 'AMOUNT', value: (budget) => cell(budget.spec.amount) },
    { header: 'SPENT', value: (budget) => moneyCell(budget.status.spent) },
    { header: 'USER', value: (budget) => cell(budget.spec.user) },
  ],
  check: ({ spec: wished }) => wishIssues(wished, (reader) => readBudget('budget', reader, ANY_ACCOUNT)),
  ...SEEN_IN_BOOKS,
  example: {
    apiVersion: 'steward/v1',
    kind: 'Budget',
    metadata: { name: 'month', project: 'default' },
    spec: { amount: '100.00', thresholds: ['50.00', '80.00', '100.00'] },
  },
});

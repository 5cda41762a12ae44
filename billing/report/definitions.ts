import { z } from 'zod';
import { AGEING_COLUMNS, ageingTotal } from './ageing.ts';
import { asOf, common, customers, months, top } from './parameters.ts';
import type { ReportColumn, ReportDefinition } from './report.ts';

const column = (name: string, title: string, type: ReportColumn['type'] = 'text'): ReportColumn => ({
  name,
  title,
  type,
});
const money = (name: string, title: string) => column(name, title, 'money');
const count = (name: string, title: string) => column(name, title, 'count');
/** Units differ between rows. */
const quantity = (name: string, title: string): ReportColumn => ({
  ...column(name, title, 'quantity'),
  totalled: false,
});

const NOT_CUSTOMERS = 'Accounts of the provider itself and of trial types are left out.';
const AS_PRICED = 'Amounts are as priced: before discounts, and before credit notes.';

/** Every report, by name. */
export const REPORTS = {
  'new-customer-registrations': {
    name: 'new-customer-registrations',
    title: 'New customer registrations',
    description: 'Accounts that were made, day by day, by type of account.',
    row: 'accounts of one type that were made on one day',
    audience: 'provider',
    parameters: z.object({ ...months, channel: customers.channel, asOf }),
    keys: [column('day', 'Day', 'day'), column('type', 'Account type')],
    sums: [count('registrations', 'Registrations')],
    order: { column: 'day', descending: false },
    chart: { type: 'column', labels: ['day', 'type'], value: 'registrations' },
    remark: NOT_CUSTOMERS,
  },
  'top-customers': {
    name: 'top-customers',
    title: 'Top customers',
    description: 'Customers by what they were billed, net of credit notes and without tax.',
    row: 'one customer, with all documents of the days',
    audience: 'provider',
    parameters: z.object({ ...common, channel: customers.channel, top }),
    keys: [column('account', 'Account'), column('channel', 'Channel')],
    sums: [count('documents', 'Documents'), money('net', 'Net')],
    order: { column: 'net', descending: true },
    chart: { type: 'bar', labels: ['account'], value: 'net' },
    remark: NOT_CUSTOMERS,
  },
  'usage-per-product': {
    name: 'usage-per-product',
    title: 'Usage per product',
    description: 'Products by what was billed for them, and how much of each it was, by when it was used.',
    row: 'all billed lines of one product whose service began in the days',
    audience: 'customer',
    parameters: z.object({ ...months, ...customers, ...asked(), top }),
    keys: [column('product', 'Product')],
    sums: [count('lines', 'Lines'), quantity('quantity', 'Quantity'), money('amount', 'Amount')],
    order: { column: 'amount', descending: true },
    chart: { type: 'bar', labels: ['product'], value: 'amount' },
    remark: `${AS_PRICED} ${NOT_CUSTOMERS}`,
  },
  'usage-per-bundle': {
    name: 'usage-per-bundle',
    title: 'Usage per bundle',
    description: 'Bundles by what was billed for them, and how many subscriptions that was.',
    row: 'all billed lines of subscriptions to one bundle whose service began in the days',
    audience: 'customer',
    parameters: z.object({ ...months, ...customers, ...asked(), top }),
    keys: [column('bundle', 'Bundle')],
    sums: [count('subscriptions', 'Subscriptions'), money('amount', 'Amount')],
    order: { column: 'amount', descending: true },
    chart: { type: 'bar', labels: ['bundle'], value: 'amount' },
    remark: `${AS_PRICED} ${NOT_CUSTOMERS}`,
  },
  'customer-activity': {
    name: 'customer-activity',
    title: 'Customer activity',
    description: 'What one account used, day by day, by meter, resource and user.',
    row: 'one meter of one resource on one day',
    audience: 'customer',
    parameters: z.object({ ...months, account: z.string().min(1).max(200).describe('Name of the account.'), asOf }),
    keys: [
      column('day', 'Day', 'day'),
      column('product', 'Product'),
      column('resource', 'Resource'),
      column('user', 'User'),
    ],
    sums: [count('windows', 'Records'), quantity('quantity', 'Quantity'), quantity('levelHours', 'Quantity × hours')],
    order: { column: 'day', descending: false },
    chart: { type: 'line', labels: ['day'], value: 'windows' },
  },
  revenue: {
    name: 'revenue',
    title: 'Revenue',
    description: 'What was issued, month by month and channel by channel: invoices less credit notes.',
    row: 'all invoices and credit notes that one channel issued in one month in one currency',
    audience: 'provider',
    parameters: z.object({ ...common, channel: customers.channel }),
    keys: [column('month', 'Month', 'month'), column('channel', 'Channel')],
    sums: [
      count('documents', 'Documents'),
      money('net', 'Net'),
      money('tax', 'Tax'),
      money('recognised', 'Recognised'),
    ],
    derived: [
      { ...money('deferred', 'Deferred'), of: (cell) => cell('net') - cell('recognised') },
      { ...money('total', 'Total'), of: (cell) => cell('net') + cell('tax') },
    ],
    order: { column: 'month', descending: false },
    chart: { type: 'column', labels: ['month', 'channel'], value: 'net' },
    remark:
      'Recognised is what became revenue in the month. Deferred is what was charged ahead in it, less what became revenue of earlier charges.',
  },
  tax: {
    name: 'tax',
    title: 'Tax',
    description: 'Tax that was charged and credited, by jurisdiction, code and rate, with what it was charged on.',
    row: 'one rate of one jurisdiction and code, over all documents of the days',
    audience: 'provider',
    parameters: z.object({ ...months, ...asked(), channel: customers.channel }),
    keys: [
      column('jurisdiction', 'Jurisdiction'),
      column('taxCode', 'Tax code'),
      column('category', 'Category'),
      column('rate', 'Rate', 'percent'),
    ],
    sums: [count('documents', 'Documents'), money('net', 'Taxed'), money('tax', 'Tax')],
    order: { column: 'jurisdiction', descending: false },
    chart: { type: 'column', labels: ['jurisdiction', 'rate'], value: 'tax' },
  },
  'receivables-ageing': {
    name: 'receivables-ageing',
    title: 'Receivables ageing',
    description: 'What customers owe, by how many days ago it was due.',
    row: 'what one account owes on all of its invoices',
    audience: 'customer',
    parameters: z.object({ ...customers, ...asked(), zone: common.zone }),
    keys: [column('account', 'Account'), column('channel', 'Channel')],
    sums: AGEING_COLUMNS.map(({ name, title }) => money(name, title)),
    derived: [{ ...money('open', 'Open'), of: ageingTotal }],
    order: { column: 'open', descending: true },
    chart: { type: 'bar', labels: ['account'], value: 'open' },
  },
  'spend-versus-budget': {
    name: 'spend-versus-budget',
    title: 'Spend versus budget',
    description: 'What accounts and their users meant to spend in a month, and what was billed for service of it.',
    row: 'one budget in one month',
    audience: 'customer',
    parameters: z.object({
      month: z
        .string()
        .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month such as 2026-01')
        .optional()
        .describe('The running month without it.'),
      ...customers,
      zone: common.zone,
      asOf,
    }),
    keys: [column('account', 'Account'), column('budget', 'Budget'), column('user', 'User')],
    sums: [money('amount', 'Budget'), money('billed', 'Billed')],
    derived: [
      { ...money('left', 'Left'), of: (cell) => cell('amount') - cell('billed') },
      {
        ...column('used', 'Used %', 'percent'),
        of: (cell) => (cell('amount') > 0n ? (cell('billed') * 100n) / cell('amount') : 0n),
      },
    ],
    order: { column: 'account', descending: false },
    chart: { type: 'bar', labels: ['account', 'budget'], value: 'billed' },
    remark: `Users' budgets are within their accounts'. ${AS_PRICED}`,
  },
} as const satisfies Record<string, ReportDefinition>;

export type ReportName = keyof typeof REPORTS;

export const REPORT_NAMES = Object.keys(REPORTS) as [ReportName, ...ReportName[]];

/** Money that may be said in one currency, up to an instant. */
function asked() {
  return { currency: common.currency, asOf };
}

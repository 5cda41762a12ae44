import { explainLine } from '../../billing/document/explain.ts';
import type { AuditFinding, UsageSum } from '../../billing/loop/books-reader.ts';
import { type Standing, standingOf } from '../../billing/loop/standing.ts';
import type { Addition } from '../../billing/settle/difference.ts';
import { draftOf } from '../../billing/settle/settle.ts';
import { iso } from '../../reconciler/clock.ts';
import { type Builder, objectRef } from '../builder.ts';
import { booksFor, notThere } from './access.ts';
import { readerFor } from './connection.ts';
import { type MoneyRef, moneyOf, type Priced, quantityOf } from './money.ts';

/** Where an account stands now, and why its lines are what they are. */
export function addAccountReads(builder: Builder, money: MoneyRef): void {
  addBalance(builder, money);
  addSpend(builder, money);
  addUpcoming(builder, money);
  addUsage(builder);
  addExplanation(builder);
  addAudit(builder);
}

function addBalance(builder: Builder, money: MoneyRef): void {
  const type = objectRef<Priced<{ standing: Standing }>>(builder, 'Balance').implement({
    description: 'How an account stands this instant.',
    fields: (t) => ({
      asOf: t.field({ type: 'DateTime', resolve: (row) => iso(row.standing.asOf) }),
      spend: t.field({
        type: money,
        description: 'What the running periods came to until now, before tax.',
        resolve: (row) => moneyOf(row.standing.spend, row),
      }),
      receivable: t.field({
        type: money,
        description: 'What invoices still owe.',
        resolve: (row) => moneyOf(row.standing.receivable, row),
      }),
      credit: t.field({
        type: money,
        description: "The account's credit, without its wallets.",
        resolve: (row) => moneyOf(row.standing.credit, row),
      }),
    }),
  });
  builder.queryField('balance', (t) =>
    t.field({
      type,
      description: 'Running spend, debts and credit of an account.',
      args: { account: t.arg.string({ required: true }) },
      resolve: async (_root, { account }, context) => {
        const { accounts, now } = await booksFor(context, { kind: 'Statement', account });
        const books = await accounts.current(account);
        if (books === undefined) throw notThere(account);
        return { standing: standingOf(books, await now()), currency: books.account.currency };
      },
    }),
  );
}

interface MonthRow {
  month: string;
  user: string | null;
  amount: bigint;
}

function addSpend(builder: Builder, money: MoneyRef): void {
  const month = objectRef<Priced<MonthRow>>(builder, 'MonthlySpend').implement({
    description: "What was billed for a month's service, less what was credited of it; before discounts and tax.",
    fields: (t) => ({
      month: t.exposeString('month', { description: 'Such as 2026-03, as the account counts days.' }),
      user: t.string({ nullable: true, description: 'Null: of nobody in particular.', resolve: ({ user }) => user }),
      amount: t.field({ type: money, resolve: (row) => moneyOf(row.amount, row) }),
    }),
  });
  const type = objectRef<{ asOf: number | null; months: Priced<MonthRow>[] }>(builder, 'Spend').implement({
    description:
      'What an account spent, month by month, newest first: counted as lines are billed, so that looking costs nothing.',
    fields: (t) => ({
      asOf: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'All that was due by then is counted.',
        resolve: ({ asOf }) => (asOf === null ? null : iso(asOf)),
      }),
      months: t.field({ type: [month], resolve: ({ months }) => months }),
    }),
  });
  builder.queryField('spend', (t) =>
    t.field({
      type,
      description: 'What was billed to an account by month and user. What runs and is not billed yet is in balance.',
      args: { account: t.arg.string({ required: true }) },
      resolve: async (_root, { account }, context) => {
        const { reader, currency } = await readerFor(context, { kind: 'RatedLine', account });
        const { asOf, months } = await reader.spend(account);
        return { asOf, months: months.map((row) => ({ ...row, currency })) };
      },
    }),
  );
}

function addUpcoming(builder: Builder, money: MoneyRef): void {
  const type = objectRef<Priced<{ addition: Addition }>>(builder, 'UpcomingLine').implement({
    description: 'A line of a draft: what would be charged, by the very functions that charge it.',
    fields: (t) => ({
      subscription: t.string({ resolve: ({ addition }) => addition.line.subscription }),
      charge: t.string({ resolve: ({ addition }) => addition.line.charge }),
      product: t.string({ resolve: ({ addition }) => addition.line.product }),
      kind: t.string({ resolve: ({ addition }) => addition.line.kind }),
      from: t.field({ type: 'DateTime', resolve: ({ addition }) => iso(addition.line.from) }),
      to: t.field({ type: 'DateTime', resolve: ({ addition }) => iso(addition.line.to) }),
      billAt: t.field({ type: 'DateTime', resolve: ({ addition }) => iso(addition.line.billAt) }),
      quantity: t.string({ resolve: ({ addition }) => quantityOf(addition.line.quantity) }),
      amount: t.field({ type: money, resolve: (row) => moneyOf(row.addition.amount, row) }),
    }),
  });
  builder.queryField('upcomingLines', (t) =>
    t.field({
      type: [type],
      description: 'What will be charged until an instant, as things stand; before discounts and tax.',
      args: { account: t.arg.string({ required: true }), until: t.arg({ type: 'DateTime', required: true }) },
      resolve: async (_root, { account, until }, context) => {
        const { accounts, now } = await booksFor(context, { kind: 'RatedLine', account });
        const books = await accounts.current(account);
        if (books === undefined) throw notThere(account);
        const at = await now();
        const end = Math.min(Date.parse(until), at + AHEAD_MAX_MS);
        const { additions } = draftOf(books, { now: at, until: end });
        return additions.map((addition) => ({ addition, currency: books.account.currency }));
      },
    }),
  );
}

/** The horizon of the books: 36 months. */
const AHEAD_MAX_MS = 1_096 * 86_400_000;

function addUsage(builder: Builder): void {
  const type = objectRef<UsageSum>(builder, 'UsageSum').implement({
    fields: (t) => ({
      meter: t.exposeString('meter'),
      resource: t.exposeString('resource'),
      windows: t.exposeInt('windows'),
      quantity: t.exposeString('quantity', { description: 'Sum of the quantities, an exact decimal.' }),
      levelHours: t.exposeString('levelHours', { description: 'Sum of quantity × hours: what a level comes to.' }),
    }),
  });
  builder.queryField('usage', (t) =>
    t.field({
      type: [type],
      description: 'What an account used in an interval, by meter and resource.',
      args: {
        account: t.arg.string({ required: true }),
        from: t.arg({ type: 'DateTime', required: true }),
        to: t.arg({ type: 'DateTime', required: true }),
      },
      resolve: async (_root, { account, from, to }, context) => {
        const { reader } = await booksFor(context, { kind: 'UsageRecord', account });
        return reader.usage(account, { from: Date.parse(from), to: Date.parse(to) });
      },
    }),
  );
}

function addExplanation(builder: Builder): void {
  builder.queryField('explainLine', (t) =>
    t.field({
      type: 'JSON',
      nullable: true,
      description: 'How the amount of a line came about: all that went in, and the same sum computed once more.',
      args: {
        account: t.arg.string({ required: true }),
        line: t.arg.string({ required: true, description: 'Invoice and place: INV-2026-00001/1.' }),
      },
      resolve: async (_root, { account, line }, context) => {
        const { accounts } = await booksFor(context, { kind: 'RatedLine', account });
        const books = await accounts.find(account);
        if (books === undefined) throw notThere(account);
        return explainLine(books, line) ?? null;
      },
    }),
  );
}

function addAudit(builder: Builder): void {
  const type = objectRef<AuditFinding>(builder, 'BooksFinding').implement({
    fields: (t) => ({
      check: t.exposeString('check'),
      account: t.exposeString('account', { nullable: true }),
      detail: t.exposeString('detail'),
    }),
  });
  builder.queryField('auditBooks', (t) =>
    t.field({
      type: [type],
      description: 'Everything in the books that does not add up, for the administrator. Empty when all is well.',
      resolve: (_root, _args, { api }) => api.books?.audit() ?? [],
    }),
  );
}

import { GraphQLError } from 'graphql';
import { z } from 'zod';
import { REPORT_NAMES, REPORTS, type ReportName } from '../../billing/report/definitions.ts';
import type { Report, ReportColumn, ReportDefinition, ReportRow, ReportTotal } from '../../billing/report/report.ts';
import { withAccess } from '../../reconciler/admission/permissions.ts';
import { CursorError } from '../../reconciler/cursor-error.ts';
import { accessOf } from '../../reconciler/principal.ts';
import { type Builder, objectRef } from '../builder.ts';
import type { Context } from '../context.ts';
import type { Derived } from '../derive/derived.ts';
import { pageSize } from '../derive/list.ts';
import { type CommonTypes, pageInfoOf } from '../types/metadata.ts';
import { reportReach } from './access.ts';

/** Reports: what there are, and one of them, page by page. */
export function addReports(builder: Builder, common: CommonTypes): void {
  const name = builder.enumType('ReportName', {
    description: 'Reports that there are.',
    values: Object.fromEntries(
      REPORT_NAMES.map((each) => [constant(each), { value: each, description: REPORTS[each].description }]),
    ) as Record<string, { value: ReportName; description: string }>,
  });
  addDescriptions(builder, name);
  const page = addPage(builder, common, name);
  const parameters = addParameters(builder);
  builder.queryField('report', (t) =>
    t.field({
      type: page,
      description: 'One report, for those who may read it: totals and notes are of the whole of it, rows of one page.',
      args: {
        name: t.arg({ type: name, required: true }),
        parameters: t.arg({ type: parameters, description: 'Those that the report takes.' }),
        first: t.arg.int({ description: 'Rows of a page, at most 500.' }),
        after: t.arg.string({ description: 'Cursor of the last row of the page before.' }),
      },
      resolve: (_root, args, context) => ask(context, args as Asked),
    }),
  );
}

const constant = (name: ReportName): string => name.replaceAll('-', '_').toUpperCase();

function addDescriptions(builder: Builder, name: Derived): void {
  const description = objectRef<ReportDefinition>(builder, 'ReportDescription').implement({
    fields: (t) => ({
      name: t.field({ type: name, resolve: (each: ReportDefinition) => each.name } as Derived),
      title: t.exposeString('title'),
      description: t.exposeString('description'),
      row: t.exposeString('row', { description: 'What one row stands for.' }),
      parameters: t.field({
        type: 'JSON',
        description: 'JSON Schema of what it takes.',
        resolve: (each) => z.toJSONSchema(each.parameters, { io: 'input' }),
      }),
    }),
  });
  builder.queryField('reports', (t) =>
    t.field({ type: [description], description: 'Reports that there are.', resolve: () => Object.values(REPORTS) }),
  );
}

interface Page {
  report: Report;
  items: { row: ReportRow; cursor: string }[];
  hasMore: boolean;
}

function addPage(builder: Builder, common: CommonTypes, name: Derived) {
  const column = objectRef<ReportColumn>(builder, 'ReportColumn').implement({
    fields: (t) => ({
      name: t.exposeString('name'),
      title: t.exposeString('title'),
      type: t.exposeString('type', {
        description: 'text, day, month, count, quantity, percent, or money in the row’s currency.',
      }),
    }),
  });
  const row = objectRef<ReportRow>(builder, 'ReportRow').implement({
    fields: (t) => ({
      cells: t.field({
        type: ['String'],
        nullable: { list: false, items: true },
        description: 'In the order of the columns: decimals keep every digit.',
        resolve: ({ cells }) => [...cells],
      }),
      currency: t.exposeString('currency', { nullable: true }),
    }),
  });
  const total = objectRef<ReportTotal>(builder, 'ReportTotal').implement({
    description: 'Sums of the printed rows of one currency.',
    fields: (t) => ({
      cells: t.field({
        type: ['String'],
        nullable: { list: false, items: true },
        resolve: ({ cells }) => [...cells],
      }),
      currency: t.exposeString('currency', { nullable: true }),
      rows: t.exposeInt('rows'),
    }),
  });
  return objectRef<Page>(builder, 'Report').implement({
    description: 'An answer of the books as of one instant.',
    fields: (t) =>
      ({
        name: t.field({ type: name, resolve: ({ report }: Page) => report.name } as Derived),
        title: t.string({ resolve: ({ report }) => report.title }),
        asOf: t.field({ type: 'DateTime', resolve: ({ report }) => report.asOf }),
        parameters: t.field({
          type: 'JSON',
          description: 'As they were understood, defaults included.',
          resolve: ({ report }) => report.parameters,
        }),
        columns: t.field({ type: [column], resolve: ({ report }) => [...report.columns] }),
        rows: t.field({ type: [row], resolve: ({ items }) => items.map((item) => item.row) }),
        totals: t.field({ type: [total], resolve: ({ report }) => [...report.totals] }),
        notes: t.stringList({
          description: 'What is not in the figures.',
          resolve: ({ report }) => [...report.notes],
        }),
        pageInfo: t.field({ type: common.pageInfo, resolve: pageInfoOf as Derived }),
      }) as Derived,
  });
}

type Parameters = Partial<Record<(typeof TEXTS)[number], string | null>> & { top?: number | null };

const TEXTS = ['from', 'to', 'month', 'zone', 'currency', 'account', 'channel', 'asOf'] as const;

function addParameters(builder: Builder) {
  return builder.inputRef<Parameters>('ReportParametersInput').implement({
    description: 'Each report takes some of these, as its description says.',
    fields: (t) => ({
      from: t.string({ description: 'First day: 2026-01-01.' }),
      to: t.string({ description: 'Last day.' }),
      month: t.string({ description: 'A month: 2026-01.' }),
      zone: t.string({ description: 'IANA zone of the days; UTC without it.' }),
      currency: t.string({ description: 'ISO 4217 code of the currency to say everything in.' }),
      account: t.string(),
      channel: t.string(),
      asOf: t.string({ description: 'Facts up to this instant.' }),
      top: t.int({ description: 'How many rows at most.' }),
    }),
  });
}

interface Asked {
  name: ReportName;
  parameters?: Parameters | null;
  first?: number | null;
  after?: string | null;
}

async function ask({ api, principal }: Context, { name, parameters, first, after }: Asked): Promise<Page> {
  const acting = await withAccess(api.admission, principal);
  const accounts = reportReach(accessOf(acting), REPORTS[name]);
  if (accounts === undefined)
    throw new GraphQLError(`${principal.actor} may not ask for this report.`, { extensions: { code: 'FORBIDDEN' } });
  if (api.reports === undefined)
    throw new GraphQLError('This server keeps no books.', { extensions: { code: 'UNAVAILABLE' } });
  const limit = pageSize(first);
  const begin = after ? placeOf(after) : undefined;
  const given = Object.fromEntries(Object.entries(parameters ?? {}).filter(([, value]) => value !== null));
  const outcome = await api.reports.run({
    name,
    accounts,
    parameters: { ...given, ...(begin && { asOf: begin.asOf }) },
  });
  if (!outcome.ok) throw new GraphQLError(outcome.problems.join(' '), { extensions: { code: 'BAD_USER_INPUT' } });
  const { report } = outcome;
  const start = begin?.index ?? 0;
  const items = report.rows
    .slice(start, start + limit)
    .map((row, index) => ({ row, cursor: cursorOf(report.asOf, start + index + 1) }));
  return { report, items, hasMore: report.rows.length > start + limit };
}

/** Facts are only ever added: as of the same instant, a report has the same rows in the same order. */
function cursorOf(asOf: string, index: number): string {
  return Buffer.from(JSON.stringify([asOf, index])).toString('base64url');
}

function placeOf(cursor: string): { asOf: string; index: number } {
  try {
    const [asOf, index] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [unknown, unknown];
    if (typeof asOf === 'string' && Number.isSafeInteger(index) && (index as number) >= 0)
      return { asOf, index: index as number };
  } catch {
    // Told below.
  }
  throw new CursorError(cursor);
}

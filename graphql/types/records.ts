import { iso } from '../../reconciler/clock.ts';
import { type Field, fieldsOf } from '../../reconciler/fields.ts';
import { render } from '../../reconciler/messages.ts';
import type { RecordType, Words } from '../../reconciler/record.ts';
import { RECORDS } from '../../reconciler/records.ts';
import type { RecordPage, StepRow } from '../../reconciler/store.ts';
import type { Builder } from '../builder.ts';
import type { Context } from '../context.ts';
import type { Derived } from '../derive/derived.ts';
import { pageSize } from '../derive/list.ts';
import { capital } from '../derive/names.ts';
import { scalarOf } from '../derive/output.ts';
import { type CommonTypes, CURSOR, EDGES, NODES, PAGE_INFO, pageInfoOf } from './metadata.ts';

interface AnyRow {
  at: number;
  uid: string;
  kind: string;
  name: string;
  project: string | null;
}

/** Append-only facts, newest first, in Relay connections: types derived from their definitions. */
export function addRecordTypes(builder: Builder, common: CommonTypes) {
  const enums = new Map<string, unknown>([['StepRisk', common.risk]]);
  const types = Object.values(RECORDS).map((record) => {
    const node = recordType(builder, { record, common, enums });
    return { record, node, connection: recordConnection(builder, common, { name: record.record, node }) };
  });
  const step = types.find(({ record }) => record === RECORDS.Step)?.node as ReturnType<
    typeof builder.objectRef<StepRow>
  >;
  return { types, step };
}

export type RecordTypes = ReturnType<typeof addRecordTypes>;

/** Arguments of a list of facts; below an object only the page. */
export function recordArgs(t: Derived, { below, record }: { below: boolean; record: RecordType }) {
  const page = {
    since: t.arg({ type: 'DateTime', description: 'From this instant on.' }),
    until: t.arg({ type: 'DateTime', description: 'Before this instant.' }),
    first: t.arg.int({ description: 'At most 500; default 100.' }),
    after: t.arg.string({ description: 'Cursor of the last item of the page before.' }),
  };
  const audit = {
    actor: t.arg.string({ description: 'What this one did, or had done: user:anna, key:deploy.' }),
    op: t.arg.string({ description: 'create, update, delete, request or override.' }),
    requestId: t.arg.string({ description: 'What this one request of the API did.' }),
  };
  const more = record.reader === 'audit' ? { ...audit, ...page } : page;
  return below
    ? more
    : {
        kind: t.arg.string({ description: 'Only of objects of this kind.' }),
        project: t.arg.string({ description: 'Only of objects of this project.' }),
        ...more,
      };
}

interface RecordArgs {
  kind?: string | null;
  project?: string | null;
  since?: string | null;
  until?: string | null;
  actor?: string | null;
  op?: string | null;
  requestId?: string | null;
  first?: number | null;
  after?: string | null;
}

export function readRecords({ api }: Context, record: RecordType, args: RecordArgs, uid?: string) {
  return api.store[record.reader]({
    limit: pageSize(args.first),
    ...(uid === undefined ? {} : { uid }),
    ...(args.kind ? { kind: args.kind } : {}),
    ...(args.project ? { project: args.project } : {}),
    ...(args.since ? { since: Date.parse(args.since) } : {}),
    ...(args.until ? { until: Date.parse(args.until) } : {}),
    ...(args.actor ? { actor: args.actor } : {}),
    ...(args.op ? { op: args.op } : {}),
    ...(args.requestId ? { requestId: args.requestId } : {}),
    ...(args.after ? { after: args.after } : {}),
  });
}

function recordType(
  builder: Builder,
  { record, common, enums }: { record: RecordType; common: CommonTypes; enums: Map<string, unknown> },
) {
  const typeOf = (field: Field): Derived =>
    field.widget === 'changes'
      ? [common.fieldChange]
      : scalarOf({ builder, enums }, `${record.record}${capital(field.name)}`, field);
  const fields = (t: Derived) =>
    fieldsOf(record.fields).map((field) => {
      const view = record.views[field.name] as ((row: AnyRow, words: Words) => unknown) | undefined;
      const resolve = (row: AnyRow, _args: unknown, { api }: Context) =>
        view ? view(row, (kind, reason) => render(api.registry, kind, reason)) : (row as Derived)[field.name];
      return [
        field.name,
        t.field({ type: typeOf(field), nullable: field.nullable, description: field.description, resolve }),
      ];
    });
  return builder.objectRef<AnyRow>(record.record).implement({
    description: record.description,
    fields: (t) =>
      ({
        at: t.field({ type: 'DateTime', description: 'When it happened.', resolve: (row) => iso(row.at) }),
        uid: t.exposeID('uid', { description: 'Of the object that it is about.' }),
        kind: t.exposeString('kind', { description: 'Kind of that object.' }),
        name: t.exposeString('name', { description: 'Name of that object then.' }),
        project: t.exposeString('project', {
          nullable: true,
          description: 'Project of that object; null where its kind is in none.',
        }),
        ...Object.fromEntries(fields(t)),
      }) as Derived,
  });
}

function recordConnection(builder: Builder, common: CommonTypes, { name, node }: { name: string; node: Derived }) {
  const edge = builder.objectRef<{ row: AnyRow; cursor: string }>(`${name}Edge`).implement({
    description: 'One item of a page, with the cursor to go on after it.',
    fields: (t) =>
      ({
        cursor: t.exposeString('cursor', { description: CURSOR }),
        node: t.field({
          type: node,
          description: 'The fact itself.',
          resolve: (item: { row: AnyRow }) => item.row,
        } as Derived),
      }) as Derived,
  });
  return builder.objectRef<RecordPage<AnyRow>>(`${name}Connection`).implement({
    description: 'A page of a list.',
    fields: (t) =>
      ({
        edges: t.field({ type: [edge], description: EDGES, resolve: (page) => page.items }),
        nodes: t.field({
          type: [node],
          description: NODES,
          resolve: (page: RecordPage<AnyRow>) => page.items.map((item) => item.row),
        } as Derived),
        pageInfo: t.field({ type: common.pageInfo, description: PAGE_INFO, resolve: pageInfoOf }),
      }) as Derived,
  });
}

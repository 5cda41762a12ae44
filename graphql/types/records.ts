import { iso } from '../../reconciler/clock.ts';
import type { Reason } from '../../reconciler/json.ts';
import { render } from '../../reconciler/messages.ts';
import type { AuditRow, EventRow, JournalRow, RecordPage, StepRow } from '../../reconciler/store.ts';
import type { Builder } from '../builder.ts';
import type { Derived } from '../derive/derived.ts';
import type { CommonTypes } from './metadata.ts';
import { pageInfoOf } from './metadata.ts';

interface AnyRow {
  at: number;
  uid: string;
  kind: string;
  name: string;
  project: string | null;
}

const rowFields = (t: Derived) => ({
  at: t.field({ type: 'DateTime', resolve: (row: AnyRow) => iso(row.at) }),
  uid: t.exposeID('uid'),
  kind: t.exposeString('kind'),
  name: t.exposeString('name'),
  project: t.exposeString('project', { nullable: true }),
});

/** Append-only facts, newest first, in Relay connections. */
export function addRecordTypes(builder: Builder, common: CommonTypes) {
  const event = builder.objectRef<EventRow>('Event').implement({
    fields: (t) => ({
      ...rowFields(t),
      type: t.exposeString('type'),
      actor: t.exposeString('actor'),
      ...reasonFields(t, (row: EventRow) => row.reason),
    }),
  });
  const step = builder.objectRef<StepRow>('Step').implement({
    description: 'Something done in the world for an object, or foreseen.',
    fields: (t) => ({
      ...rowFields(t),
      verb: t.exposeString('verb'),
      args: t.field({ type: 'JSON', resolve: (row) => row.args }),
      risk: t.field({ type: common.risk, resolve: (row) => row.risk }),
      place: t.exposeString('place', { nullable: true }),
      changes: t.field({ type: [common.fieldChange], resolve: (row) => [...row.changes] }),
      durationMs: t.float({ resolve: (row) => row.durationMs }),
      ok: t.boolean({ resolve: (row) => row.result.ok }),
      error: t.string({
        nullable: true,
        resolve: (row, _args, { api }) => (row.result.ok ? null : render(api.registry, row.kind, row.result.reason)),
      }),
      reconcileId: t.exposeString('reconcileId'),
      generation: t.exposeInt('generation'),
      ...reasonFields(t, (row: StepRow) => row.why),
    }),
  });
  const audit = builder.objectRef<AuditRow>('AuditEntry').implement({
    fields: (t) => ({
      ...rowFields(t),
      actor: t.exposeString('actor'),
      onBehalfOf: t.exposeString('onBehalfOf', { nullable: true }),
      from: t.exposeString('from'),
      requestId: t.exposeString('requestId'),
      op: t.exposeString('op'),
      generation: t.exposeInt('generation'),
      changes: t.field({ type: [common.fieldChange], resolve: (row) => [...row.changes] }),
    }),
  });
  const journal = builder.objectRef<JournalRow>('JournalEntry').implement({
    fields: (t) => ({
      ...rowFields(t),
      seq: t.exposeInt('seq'),
      meter: t.exposeString('meter'),
      level: t.field({ type: 'SafeInt', resolve: (row) => row.level }),
      attributes: t.field({ type: 'JSON', resolve: (row) => row.attributes }),
      runId: t.exposeString('runId', { nullable: true }),
    }),
  });
  return {
    event,
    step,
    eventConnection: recordConnection(builder, common, { name: 'Event', node: event }),
    stepConnection: recordConnection(builder, common, { name: 'Step', node: step }),
    auditConnection: recordConnection(builder, common, { name: 'AuditEntry', node: audit }),
    journalConnection: recordConnection(builder, common, { name: 'JournalEntry', node: journal }),
  };
}

export type RecordTypes = ReturnType<typeof addRecordTypes>;

function reasonFields<Row extends AnyRow>(t: Derived, reasonOf: (row: Row) => Reason) {
  return {
    reason: t.string({ description: 'A stable code.', resolve: (row: Row) => reasonOf(row).code }),
    params: t.field({ type: 'JSON', resolve: (row: Row) => reasonOf(row).params }),
    message: t.string({
      description: 'The reason in words.',
      resolve: (
        row: Row,
        _args: unknown,
        { api }: { api: Parameters<typeof render>[0] extends infer R ? { registry: R } : never },
      ) => render(api.registry as Parameters<typeof render>[0], row.kind, reasonOf(row)),
    }),
  };
}

function recordConnection<Row>(builder: Builder, common: CommonTypes, { name, node }: { name: string; node: Derived }) {
  const edge = builder.objectRef<{ row: Row; cursor: string }>(`${name}Edge`).implement({
    fields: (t) =>
      ({
        cursor: t.exposeString('cursor'),
        node: t.field({ type: node, resolve: (item: { row: Row }) => item.row } as Derived),
      }) as Derived,
  });
  return builder.objectRef<RecordPage<Row>>(`${name}Connection`).implement({
    fields: (t) => ({
      edges: t.field({ type: [edge], resolve: (page) => page.items }),
      nodes: t.field({
        type: [node],
        resolve: (page: RecordPage<Row>) => page.items.map((item) => item.row),
      } as Derived) as Derived,
      pageInfo: t.field({ type: common.pageInfo, resolve: pageInfoOf }),
    }),
  });
}

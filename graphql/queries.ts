import type { CapacityRow } from '../reconciler/claims.ts';
import { fieldsOf } from '../reconciler/fields.ts';
import type { AnyKind } from '../reconciler/kind.ts';
import type { Builder } from './builder.ts';
import type { Context } from './context.ts';
import type { Derived } from './derive/derived.ts';
import { connectionType } from './derive/kind.ts';
import { type ListArgs, listArgs, listQuery, UserError } from './derive/list.ts';
import { HOLDS_MANY } from './limits.ts';
import { keysOf } from './mutations.ts';
import type { ObjectTypes } from './types/object.ts';
import { readRecords, recordArgs } from './types/records.ts';
import type { ResultTypes } from './types/results.ts';

/** Queries that know no kind: objects by uid or key, kinds, operations, records, capacity, the server itself. */
export function addQueries(builder: Builder, types: ObjectTypes & { results: ResultTypes }): void {
  addObjectQueries(builder, types);
  addRecordQueries(builder, types);
  addKindQueries(builder);
  builder.queryField('operation', (t) =>
    t.field({
      type: types.results.operationState,
      nullable: true,
      args: { uid: t.arg.id({ required: true }) },
      resolve: async (_root, { uid }, { api }) => (await api.store.operation(String(uid))) ?? null,
    }),
  );
  const about = builder
    .objectRef<{ version: string; database: string; hypervisor: string; installationId: string }>('About')
    .implement({
      fields: (t) => ({
        version: t.exposeString('version'),
        database: t.exposeString('database'),
        hypervisor: t.exposeString('hypervisor'),
        installationId: t.exposeString('installationId'),
      }),
    });
  builder.queryField('about', (t) => t.field({ type: about, resolve: (_root, _args, { api }) => api.about }));
  const capacity = builder.objectRef<CapacityRow>('Capacity').implement({
    fields: (t) => ({
      place: t.exposeString('place', { description: 'Uid of the host or pool.' }),
      resource: t.exposeString('resource'),
      limit: t.field({ type: 'SafeInt', resolve: (row) => row.limit }),
      used: t.field({ type: 'SafeInt', resolve: (row) => row.used }),
    }),
  });
  builder.queryField('capacity', (t) =>
    t.field({ type: [capacity], resolve: (_root, _args, { api }) => api.store.capacity() }),
  );
}

function addObjectQueries(builder: Builder, types: ObjectTypes & { results: ResultTypes }): void {
  const connection = connectionType(builder, types, { name: 'Object', node: types.object });
  builder.queryField('node', (t) =>
    t.field({
      type: types.node,
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: async (_root, { id }, { byUid }) => (await byUid(String(id))) ?? null,
    }),
  );
  builder.queryField('nodes', (t) =>
    t.field({
      type: [types.node],
      ...HOLDS_MANY,
      nullable: { list: false, items: true },
      args: { ids: t.arg.idList({ required: true }) },
      resolve: async (_root, { ids }, { byUid }) =>
        Promise.all(ids.slice(0, 500).map(async (id) => (await byUid(String(id))) ?? null)),
    }),
  );
  builder.queryField('object', (t) =>
    t.field({
      type: types.object,
      nullable: true,
      description: 'One object of any kind; the kind in any spelling (vm, VirtualMachine, virtualMachines).',
      args: { kind: t.arg.string({ required: true }), name: t.arg.string({ required: true }), project: t.arg.string() },
      resolve: async (_root, args, { api, byKey }) => (await byKey(keysOf(api.registry, [args])[0] as never)) ?? null,
    }),
  );
  builder.queryField('objects', (t) =>
    t.field({
      type: connection,
      description: 'A list of any kind.',
      args: { kind: t.arg.string({ required: true }), ...listArgs(t.arg, types.list) } as Derived,
      resolve: (_root, given, { api }) => {
        const args = given as unknown as ListArgs & { kind: string };
        const kind = api.registry.find(args.kind);
        if (!kind)
          throw new UserError(
            `kind: "${args.kind}" is no kind. Known: ${api.registry.kinds.map((known) => known.kind).join(', ')}.`,
          );
        return api.store.list(listQuery(kind.kind, args));
      },
    }),
  );
}

function addRecordQueries(builder: Builder, { records }: ObjectTypes): void {
  for (const { record, connection } of records.types) {
    builder.queryField(record.plural, (t) =>
      t.field({
        type: connection,
        description: `${record.description} Newest first.`,
        args: recordArgs(t, { below: false, record }) as Derived,
        resolve: ((_root: unknown, args: Derived, context: Context) => readRecords(context, record, args)) as Derived,
      }),
    );
  }
}

function addKindQueries(builder: Builder): void {
  const column = builder.objectRef<{ header: string; wide?: boolean }>('Column').implement({
    fields: (t) => ({ header: t.exposeString('header'), wide: t.boolean({ resolve: (c) => c.wide ?? false }) }),
  });
  const kind = builder.objectRef<AnyKind>('Kind').implement({
    description: 'A kind of wish, as the registry has it.',
    fields: (t) => ({
      kind: t.exposeString('kind'),
      plural: t.exposeString('plural'),
      group: t.exposeString('group'),
      scope: t.exposeString('scope'),
      shortNames: t.stringList({ resolve: (k) => [...k.shortNames] }),
      description: t.exposeString('description'),
      conditions: t.stringList({ resolve: (k) => [...k.conditions] }),
      columns: t.field({ type: [column], resolve: (k) => [...k.columns] }),
      requests: t.field({ type: 'JSON', resolve: (k) => k.requests ?? {} }),
      overrides: t.stringList({ resolve: (k) => ['paused', ...Object.keys(k.overrides ?? {})] }),
      fields: t.field({
        type: 'JSON',
        description: 'Fields of the spec, as explain shows them.',
        resolve: (k) => fieldsOf(k.spec),
      }),
      example: t.field({ type: 'JSON', resolve: (k) => k.example }),
    }),
  });
  builder.queryField('kinds', (t) =>
    t.field({ type: [kind], resolve: (_root, _args, { api }) => [...api.registry.kinds] }),
  );
}

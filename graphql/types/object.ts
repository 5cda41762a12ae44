import { redactSecrets } from '../../reconciler/admission/seal.ts';
import { isReady } from '../../reconciler/conditions.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { Builder } from '../builder.ts';
import type { Context } from '../context.ts';
import type { Derived } from '../derive/derived.ts';
import type { ListTypes } from '../derive/list.ts';
import { HOLDS_MANY } from '../limits.ts';
import { OF_OBJECT } from '../plain/of-object.ts';
import { type CommonTypes, conditionsOf, readyOf } from './metadata.ts';
import { type RecordTypes, readRecords, recordArgs } from './records.ts';

/** The interfaces that every kind's object implements: `Node` (Relay) and `Object` (what all wishes share). */
export function addObjectTypes(
  builder: Builder,
  types: { common: CommonTypes; list: ListTypes; records: RecordTypes },
) {
  const { common } = types;
  const node = builder.interfaceRef<StoredObject>('Node').implement({
    description: 'Anything with an id that is unique in the installation: an object’s uid.',
    fields: (t) => ({
      id: t.id({
        ...OF_OBJECT,
        description: 'The uid: never used again, also when the name is.',
        resolve: (o) => o.metadata.uid,
      }),
    }),
  });
  const object = objectInterface(builder);
  object.implement({
    description: 'What all kinds of wishes share.',
    interfaces: [node],
    fields: (t) => ({
      apiVersion: t.exposeString('apiVersion', { ...OF_OBJECT, description: 'Version of its kind’s schema.' }),
      kind: t.exposeString('kind', { ...OF_OBJECT, description: 'Such as VirtualMachine.' }),
      name: t.string({
        ...OF_OBJECT,
        description: 'Unique among the objects of its kind in its project.',
        resolve: (o) => o.metadata.name,
      }),
      project: t.string({
        ...OF_OBJECT,
        nullable: true,
        description: 'Null where its kind is in no project.',
        resolve: (o) => o.metadata.project,
      }),
      metadata: t.field({
        ...OF_OBJECT,
        description: 'What all objects have beside spec and status.',
        type: common.metadata,
        resolve: (o) => o.metadata,
      }),
      conditions: t.field({
        ...OF_OBJECT,
        description: 'How it is, aspect by aspect.',
        type: [common.condition],
        resolve: conditionsOf,
      }),
      ready: t.field({
        ...OF_OBJECT,
        type: common.condition,
        description: 'The Ready condition.',
        resolve: (o) => ({ kind: o.kind, condition: readyOf(o) }),
      }),
      isReady: t.boolean({ ...OF_OBJECT, description: 'Ready at the present generation.', resolve: isReady }),
      observedGeneration: t.int({
        ...OF_OBJECT,
        description: 'The generation that its loop has looked at last.',
        resolve: (o) => o.status.observedGeneration,
      }),
    }),
  });
  addViews(builder, object);
  addNeighbours(builder, object);
  addRecordFields(builder, object, types.records);
  return { ...types, node, object };
}

function objectInterface(builder: Builder) {
  return builder.interfaceRef<StoredObject>('Object');
}

type ObjectRef = ReturnType<typeof objectInterface>;

/** The whole of it, in the shapes that others work with: files, tools, tables. */
function addViews(builder: Builder, object: ObjectRef): void {
  builder.interfaceFields(object, (t) => ({
    manifest: t.field({
      ...OF_OBJECT,
      type: 'JSON',
      description: 'As a manifest that can be applied again.',
      resolve: (o, _args, { api }) => manifestOf(o, api.registry.kind(o.kind)),
    }),
    json: t.field({
      ...OF_OBJECT,
      type: 'JSON',
      description: 'The whole object, secrets shown as fingerprints.',
      resolve: (o, _args, { api }) => shown(o, api.registry.kind(o.kind)),
    }),
    cells: t.field({
      ...OF_OBJECT,
      type: ['String'],
      nullable: { list: false, items: true },
      description: 'Values of the kind’s columns, in their order (see Kind.columns).',
      resolve: (o, _args, { api }) =>
        (api.registry.kind(o.kind)?.columns ?? []).map((column) => column.value(o)?.toString() ?? null),
    }),
  }));
}

/** What is looked up elsewhere when it is asked for: figures of the world, the owner, the children. */
function addNeighbours(builder: Builder, object: ObjectRef): void {
  builder.interfaceFields(object, (t) => ({
    stats: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Volatile figures, read from the world now.',
      resolve: (o, _args, { api }) => api.stats(o),
    }),
    owner: t.field({
      type: object,
      description: 'The object that made this one; null where a person did.',
      nullable: true,
      resolve: async (o, _args, { byUid }) =>
        o.metadata.ownerUid ? ((await byUid(o.metadata.ownerUid)) ?? null) : null,
    }),
    children: t.field({
      type: [object],
      ...HOLDS_MANY,
      description: 'Objects that this one made.',
      resolve: async (o, _args, { api }) => {
        const pages = await Promise.all(
          api.registry.kinds.map((kind) =>
            api.store.list({ kind: kind.kind, ownerUid: o.metadata.uid, orderBy: 'name', limit: 100 }),
          ),
        );
        return pages.flatMap((page) => page.items.map((item) => item.object));
      },
    }),
  }));
}

/** What happened to it, page by page. */
function addRecordFields(builder: Builder, object: ObjectRef, records: RecordTypes): void {
  for (const { record, connection } of records.types) {
    builder.interfaceFields(object, (t) => ({
      [record.field]: t.field({
        type: connection,
        description: `${record.description} Newest first.`,
        args: recordArgs(t, { below: true, record }) as Derived,
        resolve: ((o: StoredObject, args: Derived, context: Context) =>
          readRecords(context, record, args, o.metadata.uid)) as Derived,
      }),
    }));
  }
}

export type ObjectTypes = ReturnType<typeof addObjectTypes>;

type KindOf = Parameters<typeof redactSecrets>[0] | undefined;

/** The object as JSON, as anybody may see it. */
export function shown(object: StoredObject, kind: KindOf): unknown {
  return { ...object, spec: kind ? redactSecrets(kind, object.spec) : object.spec };
}

/** Only what a person writes. Fields with the schema's defaults stay: they say what is in force. */
export function manifestOf(object: StoredObject, kind: KindOf): JsonObject {
  const { name, project, labels, annotations, deleteProtection, sharing, adopt, custom } = object.metadata;
  const metadata: JsonObject = {
    name,
    ...(project === null ? {} : { project }),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    ...(deleteProtection ? { deleteProtection } : {}),
    ...(sharing === 'own' ? {} : { sharing }),
    ...(adopt === null ? {} : { adopt }),
    ...(Object.keys(custom).length > 0 ? { custom } : {}),
  };
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata,
    spec: kind ? redactSecrets(kind, object.spec) : object.spec,
  };
}

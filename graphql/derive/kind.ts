import { redactSecrets } from '../../reconciler/admission/seal.ts';
import { type Field, fieldsOf } from '../../reconciler/fields.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import type { AnyKind } from '../../reconciler/kind.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { Registry } from '../../reconciler/registry.ts';
import type { ListPage } from '../../reconciler/store.ts';
import { type Builder, type ObjectRefOf, objectRef } from '../builder.ts';
import type { Context } from '../context.ts';
import { OF_OBJECT } from '../plain/of-object.ts';
import { PAGE_OF_STORE } from '../plain/page-answer.ts';
import { CURSOR, EDGES, NODES, PAGE_INFO, pageInfoOf } from '../types/metadata.ts';
import type { ObjectTypes } from '../types/object.ts';
import type { Derived } from './derived.ts';
import { type ListArgs, listArgs, listQuery } from './list.ts';
import { lower } from './names.ts';
import { type OutputTypes, outputType } from './output.ts';
import type { Part } from './part.ts';

export type KindRef = ObjectRefOf<StoredObject>;

/** All kinds' object types, connections and queries, derived from the registry. Answers the enums, which inputs share. */
export function deriveKinds(
  builder: Builder,
  registry: Registry,
  types: ObjectTypes,
): { enums: Map<string, unknown>; objects: Map<string, KindRef> } {
  const objects = new Map(registry.kinds.map((kind) => [kind.kind, objectRef<StoredObject>(builder, kind.kind)]));
  const output: OutputTypes = { builder, enums: new Map(), objectOf: (kind) => objects.get(kind) };
  const connections = new Map(
    registry.kinds.map((kind) => [
      kind.kind,
      connectionType(builder, types, { name: kind.kind, node: objects.get(kind.kind) as KindRef }),
    ]),
  );
  for (const kind of registry.kinds) {
    const parts = {
      spec:
        fieldsOf(kind.spec).length === 0
          ? 'JSON'
          : outputType(output, {
              name: `${kind.kind}Spec`,
              description: `What is wished of a ${kind.kind}.`,
              fields: fieldsOf(kind.spec),
            }),
      status: outputType(output, {
        name: `${kind.kind}Status`,
        description: `How a ${kind.kind} is.`,
        fields: statusFields(kind),
      }),
    };
    implementKind(builder, types, {
      kind,
      ref: objects.get(kind.kind) as KindRef,
      parts,
      reverse: reverseEdges(registry, kind, connections, types),
    });
    addQueries(builder, types, {
      kind,
      ref: objects.get(kind.kind) as KindRef,
      connection: connections.get(kind.kind),
    });
  }
  return { enums: output.enums, objects };
}

/** Fields of the base status are shown by the object itself. */
function statusFields(kind: AnyKind): Field[] {
  const own = fieldsOf(kind.status);
  const allocated: Field = {
    name: 'allocated',
    path: '/allocated',
    type: 'json',
    required: false,
    nullable: false,
    default: undefined,
    values: [],
    children: [],
    description: 'Choices made for it: slot → value.',
    ref: undefined,
    holdsUntilReady: false,
    secret: false,
    personal: false,
    update: undefined,
    group: undefined,
    widget: undefined,
    minimum: undefined,
    maximum: undefined,
  };
  return [...own, allocated];
}

function implementKind(
  builder: Builder,
  types: ObjectTypes,
  {
    kind,
    ref,
    parts,
    reverse,
  }: {
    kind: AnyKind;
    ref: KindRef;
    parts: { spec: Derived; status: Derived };
    reverse: (t: Derived) => Record<string, Derived>;
  },
): void {
  const part = (owner: StoredObject, value: JsonObject): Part => ({ owner, value, path: '' });
  builder.objectType(ref, {
    description: kind.description,
    interfaces: [types.node, types.object],
    isTypeOf: (value) => (value as StoredObject).kind === kind.kind,
    fields: (t) =>
      ({
        spec: t.field({
          type: parts.spec,
          description: 'What is wished, with what the schema adds. Secrets show as fingerprints.',
          ...OF_OBJECT,
          resolve: ((o: StoredObject) =>
            parts.spec === 'JSON' ? o.spec : part(o, redactSecrets(kind, o.spec))) as Derived,
        }),
        status: t.field({
          type: parts.status,
          description: 'How it is, as it was last seen.',
          ...OF_OBJECT,
          resolve: ((o: StoredObject) => part(o, o.status as unknown as JsonObject)) as Derived,
        }),
        ...reverse(t),
      }) as Derived,
  });
}

/** `Network.virtualMachines`: for each kind that refers to this one, the objects that do. */
function reverseEdges(
  registry: Registry,
  kind: AnyKind,
  connections: ReadonlyMap<string, Derived>,
  types: ObjectTypes,
) {
  const taken = new Set(['spec', 'status', 'metadata', 'conditions', 'events', 'steps', 'children', 'owner']);
  const referring = registry.kinds.filter(
    (other) => hasRef(fieldsOf(other.spec), kind.kind) && !taken.has(other.plural),
  );
  return (t: Derived): Record<string, Derived> =>
    Object.fromEntries(
      referring.map((other) => [
        other.plural,
        t.field({
          type: connections.get(other.kind),
          description: `${other.kind} objects that refer to this ${kind.kind}.`,
          args: listArgs(t.arg, types.list),
          resolve: (object: StoredObject, args: ListArgs, { api }: Context) =>
            api.store.list({ ...listQuery(other.kind, args), refersTo: object.metadata.uid }),
        }),
      ]),
    );
}

function hasRef(fields: readonly Field[], kind: string): boolean {
  return fields.some((field) => field.ref === kind || hasRef(field.children, kind));
}

function addQueries(
  builder: Builder,
  types: ObjectTypes,
  { kind, ref, connection }: { kind: AnyKind; ref: KindRef; connection: Derived },
): void {
  const inProject = kind.scope === 'project';
  builder.queryField(lower(kind.kind), (t) =>
    t.field({
      type: ref,
      nullable: true,
      description: `One ${kind.kind} by name.`,
      args: {
        name: t.arg.string({ required: true, description: 'Its name.' }),
        ...(inProject
          ? { project: t.arg.string({ defaultValue: 'default', description: 'The project that it is in.' }) }
          : {}),
      } as Derived,
      resolve: (_root, args: Derived, context) =>
        context.byKey({
          kind: kind.kind,
          project: inProject ? (args.project ?? 'default') : null,
          name: args.name,
        }) as Derived,
    }),
  );
  builder.queryField(kind.plural, (t) =>
    t.field({
      type: connection,
      description: `${kind.kind} objects, by name unless asked otherwise.`,
      args: listArgs(t.arg, types.list) as Derived,
      resolve: (_root, args: Derived, { api }) => api.store.list(listQuery(kind.kind, args)) as Derived,
    }),
  );
}

/** A Relay connection over a page of the store. */
export function connectionType(
  builder: Builder,
  types: Pick<ObjectTypes, 'common'>,
  { name, node }: { name: string; node: Derived },
) {
  const edge = builder.objectRef<ListPage['items'][number]>(`${name}Edge`).implement({
    description: 'One item of a page, with the cursor to go on after it.',
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: CURSOR }),
      node: t.field({
        type: node,
        description: 'The object itself.',
        resolve: (item) => item.object as Derived,
      }) as Derived,
    }),
  });
  return builder.objectRef<ListPage>(`${name}Connection`).implement({
    ...PAGE_OF_STORE,
    description: 'A page of a list.',
    fields: (t) => ({
      edges: t.field({ type: [edge], description: EDGES, resolve: (page) => page.items }),
      nodes: t.field({
        type: [node],
        description: NODES,
        resolve: (page) => page.items.map((item) => item.object) as Derived,
      }) as Derived,
      pageInfo: t.field({ type: types.common.pageInfo, description: PAGE_INFO, resolve: pageInfoOf }),
    }),
  });
}

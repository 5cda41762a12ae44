import type { JsonObject } from '../reconciler/json.ts';
import type { BaseStatus, Metadata, ObjectKey, StoredObject } from '../reconciler/object.ts';
import { refsIn } from '../reconciler/refs.ts';
import type { Registry } from '../reconciler/registry.ts';

export type Kinds = Pick<Registry, 'kind' | 'kinds'>;

/** The columns of `objects` that make an object. */
export const OBJECT_COLUMNS = 'o.kind, o.resource_version, o.metadata, o.spec, o.status';

export interface ObjectRow {
  kind: string;
  resource_version: number;
  /** With `apiVersion` beside it and without `resourceVersion`, which is a column. */
  metadata: Metadata & { apiVersion: string };
  spec: JsonObject;
  status: BaseStatus;
}

export function objectOf({ kind, resource_version, metadata: stored, spec, status }: ObjectRow): StoredObject {
  const { apiVersion, ...metadata } = stored;
  return { apiVersion, kind, metadata: { ...metadata, resourceVersion: String(resource_version) }, spec, status };
}

/** One object as a row of `jsonb_to_recordset`. */
export function rowOf({ apiVersion, kind, metadata, spec, status }: StoredObject) {
  const { resourceVersion, ...kept } = metadata;
  return {
    uid: metadata.uid,
    kind,
    project: projectColumn(metadata.project),
    name: metadata.name,
    created_at: metadata.createdAt,
    owner_uid: metadata.ownerUid,
    ready_generation: readyGeneration(status),
    sources: Object.keys(metadata.managed),
    labels: metadata.labels,
    metadata: { ...kept, apiVersion },
    spec,
    status,
    expect: resourceVersion,
  };
}

/** An object without a project has the empty one in the database, since null is equal to nothing there. */
export function projectColumn(project: string | null): string {
  return project ?? '';
}

export function projectOf(column: string): string | null {
  return column === '' ? null : column;
}

export function keyColumns({ kind, project, name }: ObjectKey): { kind: string; project: string; name: string } {
  return { kind, project: projectColumn(project), name };
}

/** The generation at which a status says Ready, or 0. */
export function readyGeneration(status: BaseStatus): number {
  const ready = status.conditions.find((condition) => condition.type === 'Ready');
  return ready?.status === 'True' ? ready.observedGeneration : 0;
}

export interface RefRow {
  from_uid: string;
  path: string;
  to_kind: string;
  to_project: string;
  to_name: string;
  to_uid: string | null;
}

/** What an object names in its spec and pins in its status. */
export function refRows(kinds: Kinds, { kind, metadata, spec, status }: StoredObject): RefRow[] {
  const from_uid = metadata.uid;
  const known = kinds.kind(kind);
  const named = (known ? refsIn(known, spec) : []).map((ref) => {
    const target = keyMeant(kinds, { kind: ref.kind, name: ref.name, project: metadata.project });
    const key = keyColumns(target);
    return {
      from_uid,
      path: ref.path,
      to_kind: key.kind,
      to_project: key.project,
      to_name: key.name,
      to_uid: status.refs[ref.path] ?? null,
    };
  });
  const paths = new Set(named.map(({ path }) => path));
  const pinned = Object.entries(status.refs)
    .filter(([path]) => !paths.has(path))
    .map(([path, to_uid]) => ({ from_uid, path, to_kind: '', to_project: '', to_name: '', to_uid }));
  return [...named, ...pinned];
}

/** The key that a reference as written means: `name` in the own project or a kind without projects, or `project/name`. */
export function keyMeant(kinds: Kinds, { kind, name, project }: ObjectKey): ObjectKey {
  const slash = name.indexOf('/');
  if (slash !== -1) return { kind, project: name.slice(0, slash), name: name.slice(slash + 1) };
  return { kind, project: kinds.kind(kind)?.scope === 'global' ? null : project, name };
}

import { jsonText, manifestOf, yamlText } from '../../manifests/format.ts';
import type { AnyKind } from '../../reconciler/kind.ts';
import { keyText, type StoredObject } from '../../reconciler/object.ts';
import type { Io } from '../io.ts';
import { age, cellText, table } from './table.ts';

/** What `get` asks of every object. */
export const OBJECT_FIELDS = `kind name project isReady cells json
  metadata { uid createdAt deletedAt ownerUid }
  ready { status reason message }`;

export interface ListedObject {
  kind: string;
  name: string;
  project: string | null;
  isReady: boolean;
  cells: (string | null)[];
  json: StoredObject;
  metadata: { uid: string; createdAt: string; deletedAt: string | null; ownerUid: string | null };
  ready: { status: string; reason: string; message: string };
}

export const FORMATS = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type Format = (typeof FORMATS)[number];

/** Objects of one kind, or of several one after the other. */
export function objectsText(
  io: Io,
  groups: readonly { kind: AnyKind; objects: readonly ListedObject[] }[],
  options: { format: Format; withProject: boolean; single: boolean; withHeaders: boolean },
): string {
  const all = groups.flatMap(({ kind, objects }) => objects.map((object) => ({ kind, object })));
  if (options.format === 'json') {
    const values = all.map(({ object }) => object.json);
    return options.single ? jsonText(values) : `${JSON.stringify({ kind: 'List', items: values }, null, 2)}\n`;
  }
  if (options.format === 'yaml') return yamlText(all.map(({ kind, object }) => manifestOf(object.json, kind)));
  if (options.format === 'name') return all.map(({ object }) => `${keyText(object)}\n`).join('');
  const filled = groups.filter(({ objects }) => objects.length > 0);
  return filled.map((group) => objectTable(io, group, { ...options, several: filled.length > 1 })).join('\n');
}

/** Said where a list is empty, so that nobody takes another project's for nothing. Null: all projects were looked at. */
export function nothingText(kinds: readonly AnyKind[], project: string | null): string {
  const what = kinds.length === 1 ? kinds[0]?.plural : 'objects';
  const where = project !== null && kinds.some(({ scope }) => scope === 'project') ? ` in project ${project}` : '';
  return `No ${what}${where}.\n`;
}

/** The table of one kind's objects. */
function objectTable(
  io: Pick<Io, 'paint' | 'now'>,
  { kind, objects }: { kind: AnyKind; objects: readonly ListedObject[] },
  options: { format: Format; withProject: boolean; several: boolean; withHeaders: boolean },
): string {
  const wide = options.format === 'wide';
  const shown = kind.columns.map((column, i) => ({ column, i })).filter(({ column }) => wide || !column.wide);
  const headers = [
    'NAME',
    ...(options.withProject && kind.scope === 'project' ? ['PROJECT'] : []),
    ...shown.map(({ column }) => column.header),
    'READY',
    'AGE',
    ...(wide ? ['UID', 'MESSAGE'] : []),
  ];
  const rows = objects.map((object) => [
    options.several ? `${kind.kind}/${object.name}` : object.name,
    ...(options.withProject && kind.scope === 'project' ? [cellText(object.project)] : []),
    ...shown.map(({ i }) => cellText(object.cells[i])),
    readyText(io, object),
    age(object.metadata.createdAt, io.now()),
    ...(wide ? [object.metadata.uid, cellText(object.ready.message)] : []),
  ]);
  const text = table(headers, rows);
  return options.withHeaders ? text : text.slice(text.indexOf('\n') + 1);
}

/** `yes`, or why not: the reason's code. */
export function readyText(
  { paint }: Pick<Io, 'paint'>,
  object: Pick<ListedObject, 'isReady' | 'ready' | 'metadata'>,
): string {
  if (object.metadata.deletedAt !== null)
    return paint.warn(object.ready.reason === 'Ready' ? 'Deleting' : object.ready.reason);
  if (object.isReady) return paint.good('yes');
  if (object.ready.status === 'True') return paint.warn('Pending');
  return object.ready.status === 'False' ? paint.bad(object.ready.reason) : paint.warn(object.ready.reason);
}

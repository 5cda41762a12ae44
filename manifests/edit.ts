import { parseDocument } from 'yaml';
import { jsonEqual } from '../reconciler/equal.ts';
import type { Json, JsonObject } from '../reconciler/json.ts';
import { splitDocuments } from './documents.ts';
import { YAML_OPTIONS } from './yaml-options.ts';

/** Names a document of a file by what it describes. */
export interface DocumentName {
  kind: string;
  name: string;
  /** Absent: the document names no project, or it does not matter. */
  project?: string | null;
}

/**
 * The file with one of its documents brought to a new value: only fields that differ are touched, so comments, order and spelling of
 * everything else stay. Null when the file holds no such document.
 */
export function editDocument(text: string, target: DocumentName, wanted: JsonObject): string | null {
  let found = false;
  const parts = splitDocuments(text).map((segment) => {
    if (found) return segment.text;
    const document = parseDocument(segment.text, YAML_OPTIONS);
    const value = document.errors.length > 0 ? null : (document.toJS() as JsonObject | null);
    if (!describes(value, target)) return segment.text;
    found = true;
    for (const change of changesBetween(value, wanted, [])) {
      if (change.value === undefined) document.deleteIn(change.path);
      else document.setIn(change.path, isSimple(change.value) ? change.value : document.createNode(change.value));
    }
    return document.toString({ lineWidth: 0 });
  });
  return found ? parts.join('') : null;
}

function describes(value: JsonObject | null, target: DocumentName): value is JsonObject {
  if (value === null || typeof value !== 'object' || value.kind !== target.kind) return false;
  const metadata = value.metadata as JsonObject | undefined;
  if (metadata?.name !== target.name) return false;
  return typeof target.project !== 'string' || (metadata.project ?? target.project) === target.project;
}

/** A simple value is put into the node that is there, which keeps the comment behind it. */
function isSimple(value: Json): boolean {
  return value === null || typeof value !== 'object';
}

interface Change {
  path: (string | number)[];
  /** Undefined: the field goes. */
  value: Json | undefined;
}

/** The smallest set of fields to write; lists of another length are written whole. */
function changesBetween(from: Json, to: Json, path: (string | number)[]): Change[] {
  if (jsonEqual(from, to)) return [];
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length)
    return from.flatMap((item, i) => changesBetween(item, to[i] ?? null, [...path, i]));
  if (!isPlainMap(from) || !isPlainMap(to)) return [{ path, value: to }];
  const gone = Object.keys(from).filter((key) => !Object.hasOwn(to, key));
  const kept = Object.entries(to).flatMap(([key, value]) =>
    Object.hasOwn(from, key)
      ? changesBetween(from[key] ?? null, value, [...path, key])
      : [{ path: [...path, key], value }],
  );
  return [...gone.map((key) => ({ path: [...path, key], value: undefined })), ...kept];
}

function isPlainMap(value: Json): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

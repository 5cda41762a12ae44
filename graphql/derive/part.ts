import type { Json, JsonObject } from '../../reconciler/json.ts';
import type { StoredObject } from '../../reconciler/object.ts';

/** A part of an object's spec or status, with the way back to the whole: references need the project and the pinned uids. */
export interface Part {
  owner: StoredObject;
  value: JsonObject;
  /** JSON pointer of this part in the spec. */
  path: string;
}

export function partOf(parent: Part, key: string, value: JsonObject): Part {
  return { owner: parent.owner, value, path: `${parent.path}/${key}` };
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

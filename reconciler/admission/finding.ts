import type { Json } from '../json.ts';

/** Something wrong with a manifest, before its position is known. */
export interface Finding {
  /** JSON pointer in the manifest. */
  path: string;
  /** The name of the field is wrong, not its value. */
  atKey?: boolean;
  /** `{source}` is replaced by how the file spells the value. */
  message: string;
}

/** A value as it may be shown in an error: one line, and not long. */
export function shown(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value !== null && typeof value === 'object') return 'a map';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}

export function isMap(value: Json | undefined): value is { [key: string]: Json } {
  return value !== null && value !== undefined && typeof value === 'object' && !Array.isArray(value);
}

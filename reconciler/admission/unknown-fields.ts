import type { Field } from '../fields.ts';
import type { Json } from '../json.ts';
import { escapePointer } from '../refs.ts';
import { type Finding, isMap } from './finding.ts';
import { didYouMean } from './suggest.ts';

/** Names that no schema knows, wherever they stand in a value. Schemas may be lax about them; a manifest never is. */
export function unknownFields(input: {
  value: Json;
  fields: readonly Field[];
  path: string;
  owner: string;
}): Finding[] {
  const { value, fields, path, owner } = input;
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, item]): Finding[] => {
    const at = `${path}/${escapePointer(key)}`;
    const field = fields.find((candidate) => candidate.name === key);
    if (field) return below(item, field, at);
    const names = fields.map((candidate) => candidate.name);
    const known =
      names.length === 0
        ? 'it has no fields'
        : `it has ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}`;
    return [{ path: at, atKey: true, message: `is not a field of ${owner}${didYouMean(key, names) || `; ${known}`}` }];
  });
}

function below(value: Json, field: Field, path: string): Finding[] {
  const owner = field.name === '*' ? 'this item' : field.name;
  if (field.type === 'object') return unknownFields({ value, fields: field.children, path, owner });
  if (field.type === 'union') return belowUnion(value, field, path);
  const item = field.children[0];
  if (!item || value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => below(inner, item, `${path}/${escapePointer(key)}`));
}

/** The option that knows most of the names speaks for the union. */
function belowUnion(value: Json, field: Field, path: string): Finding[] {
  if (value === null || typeof value !== 'object') return [];
  const options = field.children.filter((o) => Array.isArray(value) === (o.type === 'list') && o.children.length > 0);
  const verdicts = options.map((option) => below(value, { ...option, name: field.name }, path));
  return (
    verdicts.reduce<Finding[] | null>((best, v) => (best === null || v.length < best.length ? v : best), null) ?? []
  );
}

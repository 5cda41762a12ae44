import type { z } from 'zod';
import type { Field } from '../fields.ts';
import type { Json } from '../json.ts';
import { escapePointer } from '../refs.ts';
import { fieldsAt, touchesSecret, valueAt } from './field-at.ts';
import { type Finding, shown } from './finding.ts';
import { didYouMean } from './suggest.ts';

type Issue = z.core.$ZodIssue;

/** A schema's verdicts as sentences that show the value and what would be right. Unknown names are found elsewhere. */
export function schemaFindings(issues: readonly Issue[], context: { spec: Json; fields: readonly Field[] }): Finding[] {
  return issues.filter((issue) => issue.code !== 'unrecognized_keys').flatMap((issue) => finding(issue, [], context));
}

function finding(
  issue: Issue,
  prefix: readonly PropertyKey[],
  context: { spec: Json; fields: readonly Field[] },
): Finding[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'invalid_union') {
    const best = likeliest(issue.errors, valueAt(context.spec, pointerOf(path)));
    if (best) return best.flatMap((inner) => finding(inner, path, context));
  }
  const pointer = pointerOf(path);
  if (issue.code === 'invalid_key') {
    const [why] = issue.issues;
    const remedy = why ? `; ${expectation(why, undefined)}` : '';
    return [{ path: `/spec${pointer}`, message: `${shown(String(path.at(-1)))} cannot be a key here${remedy}` }];
  }
  const value = valueAt(context.spec, pointer);
  const expected = expectation(issue, fieldsAt(context.fields, pointer)[0]);
  if (value === undefined) return [{ path: `/spec${pointer}`, message: `is missing; ${expected}` }];
  const hidden = touchesSecret(context.fields, pointer);
  const wantsText = issue.code === 'invalid_type' && issue.expected === 'string';
  if (wantsText && !hidden && (typeof value === 'number' || typeof value === 'boolean'))
    return [{ path: `/spec${pointer}`, message: 'is {source}; expected text, so write it in quotes: "{source}"' }];
  const suggestion =
    issue.code === 'invalid_value' && typeof value === 'string' ? didYouMean(value, issue.values.map(String)) : '';
  return [{ path: `/spec${pointer}`, message: `is ${hidden ? '(hidden)' : shown(value)}; ${expected}${suggestion}` }];
}

/** Of a union's options the one that came furthest: a wrong type right at the start says that another form was meant. */
function likeliest(options: Issue[][], value: Json | undefined): Issue[] | undefined {
  if (value === undefined || value === null || typeof value !== 'object') return undefined;
  const fitting = options.filter((issues) => !issues.some((i) => i.path.length === 0 && i.code === 'invalid_type'));
  return fitting.sort((a, b) => mismatches(a, value) - mismatches(b, value))[0];
}

/** A wrong fixed value or a missing field says "another form" louder than a wrong value in a field that is there. */
function mismatches(issues: Issue[], value: Json): number {
  const weight = (issue: Issue) => {
    if (issue.code === 'invalid_value' || issue.code === 'unrecognized_keys') return 10;
    return valueAt(value, pointerOf(issue.path)) === undefined ? 3 : 1;
  };
  return issues.reduce((sum, issue) => sum + weight(issue), 0);
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${escapePointer(String(key))}`).join('');
}

function expectation(issue: Issue, field: Field | undefined): string {
  const about = field?.description === undefined ? '' : ` (${field.description.replace(/\.$/, '')})`;
  const own = /^(Invalid|Too|Unrecognized)/.test(issue.message) ? null : issue.message;
  if (own !== null) return issue.code === 'custom' ? own : `expected ${own}`;
  if (issue.code === 'invalid_value') return `expected one of ${issue.values.map((v) => JSON.stringify(v)).join(', ')}`;
  if (field) return `expected ${typeWords(field)}${sizeWords(issue)}${about}`;
  return issue.message;
}

function sizeWords(issue: Issue): string {
  const unit = 'origin' in issue && issue.origin === 'string' ? 'characters' : 'items';
  if (!('origin' in issue) || !['string', 'array', 'set', 'map'].includes(String(issue.origin))) return '';
  if (issue.code === 'too_small') return ` of at least ${issue.minimum} ${unit}`;
  if (issue.code === 'too_big') return ` of at most ${issue.maximum} ${unit}`;
  return '';
}

/** What a field holds, in words: `a whole number from 1 to 64`. */
export function typeWords(field: Field): string {
  if (field.ref !== undefined) return `the name of a ${field.ref}`;
  switch (field.type) {
    case 'string':
      return 'text';
    case 'int':
      return `a whole number${rangeWords(field)}`;
    case 'number':
      return `a number${rangeWords(field)}`;
    case 'boolean':
      return 'true or false';
    case 'enum':
      return `one of ${field.values.map((v) => JSON.stringify(v)).join(', ')}`;
    case 'list':
      return 'a list';
    case 'object':
    case 'map':
      return 'a map';
    case 'union':
      return `either ${[...new Set(field.children.map(typeWords))].join(' or ')}`;
    case 'json':
      return 'any value';
  }
}

function rangeWords(field: Field): string {
  const low = field.minimum !== undefined && field.minimum > Number.MIN_SAFE_INTEGER ? field.minimum : undefined;
  const high = field.maximum !== undefined && field.maximum < Number.MAX_SAFE_INTEGER ? field.maximum : undefined;
  if (low !== undefined && high !== undefined) return ` from ${low} to ${high}`;
  if (low !== undefined) return `, at least ${low}`;
  return high === undefined ? '' : `, at most ${high}`;
}

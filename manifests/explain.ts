import { childrenBehindUnions } from '../reconciler/admission/field-at.ts';
import { typeWords } from '../reconciler/admission/schema-issues.ts';
import { didYouMean } from '../reconciler/admission/suggest.ts';
import type { Field } from '../reconciler/fields.ts';
import type { AnyKind } from '../reconciler/kind.ts';
import { API_VERSION } from '../reconciler/object.ts';
import type { Registry } from '../reconciler/registry.ts';
import { specFields } from './validate.ts';

export type Explained = { ok: true; text: string } | { ok: false; message: string };

/** Says what a kind or a field of it is: `vm`, `vm.spec.disks`, `VirtualMachine.spec.disks.sizeGiB`. List indexes may be left out. */
export function explain(
  registry: Pick<Registry, 'kinds' | 'find'>,
  path: string,
  options: { recursive?: boolean } = {},
): Explained {
  const [word = '', ...rest] = path.replaceAll(/\[[^\]]*\]/g, '').split('.');
  const kind = registry.find(word);
  if (!kind) {
    const names = registry.kinds.map((k) => k.kind);
    return {
      ok: false,
      message: `"${word}" is not a kind${didYouMean(word, names) || `; the kinds are ${names.join(', ')}`}`,
    };
  }
  const names = rest.filter((name) => name !== '');
  const top = names.shift();
  if (top !== undefined && top !== 'spec' && top !== 'status')
    return {
      ok: false,
      message: `"${top}" is not explained; ${kind.kind} has "spec" and "status"${didYouMean(top, ['spec', 'status'])}`,
    };
  const fields = top === 'status' ? specFields({ ...kind, spec: kind.status }) : specFields(kind);
  const found = descend(fields, names, `${kind.kind}.${top ?? 'spec'}`);
  if ('message' in found) return { ok: false, message: found.message };
  return {
    ok: true,
    text: page(kind, { ...found, showKind: top === undefined, recursive: options.recursive ?? false }),
  };
}

interface Found {
  field: Field | null;
  fields: readonly Field[];
  path: string;
}

function descend(fields: readonly Field[], names: readonly string[], path: string): Found | { message: string } {
  let at: Found = { field: null, fields, path };
  for (const name of names) {
    const field = at.fields.find((candidate) => candidate.name === name);
    if (!field) {
      const known = at.fields.map((candidate) => candidate.name);
      const hint =
        didYouMean(name, known) || (known.length > 0 ? `; it has ${known.join(', ')}` : '; it has no fields');
      return { message: `"${name}" is not a field of ${at.path}${hint}` };
    }
    at = { field, fields: inner(field), path: `${at.path}.${name}` };
  }
  return at;
}

/** The named fields within a field, looking through lists, maps and unions. */
function inner(field: Field): readonly Field[] {
  const children = childrenBehindUnions(field);
  const item = children.length === 1 && children[0]?.name === '*' ? children[0] : undefined;
  const named = item ? inner(item) : children.filter((child) => child.name !== '' && child.name !== '*');
  return named.filter((child, i) => named.findIndex((other) => other.name === child.name) === i);
}

function page(kind: AnyKind, at: Found & { showKind: boolean; recursive: boolean }): string {
  const lines = [`KIND:     ${kind.kind}${kind.shortNames.length > 0 ? ` (${kind.shortNames.join(', ')})` : ''}`];
  lines.push(`VERSION:  ${[API_VERSION, ...(kind.versions ?? []).map((v) => v.apiVersion)].join(', ')}`);
  lines.push(`SCOPE:    ${kind.scope}`, '');
  if (at.field)
    lines.push(`FIELD:    ${at.path} <${typeName(at.field)}>`, '', 'DESCRIPTION:', ...details(at.field), '');
  else lines.push('DESCRIPTION:', `  ${kind.description}`, '');
  if (at.fields.length > 0) lines.push('FIELDS:', ...at.fields.flatMap((field) => rows(field, 1, at.recursive)));
  if (at.showKind && kind.requests) {
    lines.push('', 'REQUESTS:', ...Object.entries(kind.requests).map(([name, text]) => `  ${name.padEnd(16)}${text}`));
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

const MEANING = {
  live: 'Changed while it runs.',
  restart: 'A change takes effect at the next start.',
  replace: 'A change makes a new thing in its place.',
  immutable: 'Fixed at creation.',
} as const;

function details(field: Field): string[] {
  return [
    field.description ?? 'No description.',
    `It is ${typeWords(field)}${field.required ? ', and required' : ''}.`,
    ...(field.default === undefined ? [] : [`Default: ${JSON.stringify(field.default)}.`]),
    ...(field.update === undefined ? [] : [MEANING[field.update]]),
    ...(field.secret ? ['Written once, sealed at rest, never shown again.'] : []),
  ].map((line) => `  ${line}`);
}

function rows(field: Field, depth: number, recursive: boolean): string[] {
  const pad = '  '.repeat(depth);
  const marks = [
    field.required ? '-required-' : '',
    field.default === undefined ? '' : `default: ${JSON.stringify(field.default)}`,
  ];
  const head =
    `${pad}${field.name.padEnd(Math.max(1, 22 - pad.length))} <${typeName(field)}> ${marks.filter(Boolean).join(' ')}`.trimEnd();
  const text = recursive || field.description === undefined ? [] : [`${pad}    ${field.description}`];
  return [head, ...text, ...(recursive ? inner(field).flatMap((child) => rows(child, depth + 1, true)) : [])];
}

function typeName(field: Field): string {
  if (field.ref !== undefined) return `ref ${field.ref}`;
  if (field.type === 'enum') return field.values.join(' | ');
  const [item] = field.children;
  if (field.type === 'list') return `[]${item ? typeName(item) : 'json'}`;
  if (field.type === 'map') return `map[string]${item ? typeName(item) : 'json'}`;
  if (field.type === 'union') return [...new Set(field.children.map(typeName))].join(' | ');
  return field.type;
}

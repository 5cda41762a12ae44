import { dotted } from '../../manifests/issue.ts';
import type { Json } from '../../reconciler/json.ts';
import type { FieldChange } from '../../reconciler/plan.ts';
import type { Paint } from '../io.ts';

/** Field by field, as a reviewer reads it: `~ spec.cpus: 1 → 2`. */
export function changeLines(changes: readonly FieldChange[], paint: Paint, indent = '    '): string[] {
  const seen = changes.filter(({ from, to }) => !isAbsent(from) || !isAbsent(to));
  return seen.map(({ path, from, to }) => {
    const field = dotted(path) || '(whole)';
    if (isAbsent(from)) return `${indent}${paint.good('+')} ${field}: ${valueText(to)}`;
    if (isAbsent(to)) return `${indent}${paint.bad('-')} ${field}: ${valueText(from)}`;
    return `${indent}${paint.warn('~')} ${field}: ${valueText(from)} → ${valueText(to)}`;
  });
}

function isAbsent(value: Json | undefined): boolean {
  return value === null || value === undefined;
}

const VALUE_MAX = 160;

/** A value on one line, cut where it gets long, with what stands for a secret in a secret's place. */
function valueText(value: Json | undefined): string {
  const text = JSON.stringify(value ?? null).replaceAll(/sealed:v1:([0-9a-f]{8})[^"]*/g, '(sealed $1)');
  return text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX - 1)}…` : text;
}

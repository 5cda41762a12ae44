import { keyText, type ObjectKey, type StoredObject } from '../object.ts';
import type { AdmissionIssue } from './manifest.ts';

/** What has to stand before a write: nothing of that name, or an object, of the generation that its author had read. */
export type Precondition = { verb: 'create' } | { verb: 'update'; generation?: number | undefined };

/** What stands otherwise than whoever writes believed. Judged anew when a write loses a race, so that of two creations one is refused. */
export function unmetPreconditions(
  { generations, only }: { generations?: Readonly<Record<string, number>>; only?: Precondition },
  keys: readonly ObjectKey[],
  found: readonly (StoredObject | undefined)[],
): AdmissionIssue[] {
  return keys.flatMap((key, index) => {
    const stands = found[index]?.metadata.generation ?? 0;
    const planned = generations && (generations[keyText(key)] ?? 0);
    const wrong =
      planned !== undefined && planned !== stands ? { path: '', message: replan(key, planned, stands) } : null;
    const objection = wrong ?? (only ? objectionTo(only, stands) : null);
    return objection ? [{ index, key, code: 'Conflict' as const, ...objection }] : [];
  });
}

function replan(key: ObjectKey, planned: number, stands: number): string {
  return `${keyText(key)} changed since the plan was made (generation ${planned} then, ${stands} now). Plan again.`;
}

function objectionTo(only: Precondition, stands: number): { path: string; message: string } | null {
  const path = '/metadata/name';
  if (only.verb === 'create')
    return stands === 0 ? null : { path, message: 'exists already; use the update, or another name.' };
  if (stands === 0) return { path, message: 'does not exist; create it first.' };
  if (only.generation === undefined || only.generation === stands) return null;
  const message = `changed since it was read (generation ${only.generation} then, ${stands} now). Read it again, then change it.`;
  return { path: '/metadata/generation', message };
}

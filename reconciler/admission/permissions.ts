import { type Access, ownership, type Target, targetOf } from '../access/access.ts';
import { escalation } from '../access/escalation.ts';
import type { Rights } from '../access/rights.ts';
import { authorOf } from '../access/standing.ts';
import { jsonEqual } from '../equal.ts';
import type { Json } from '../json.ts';
import { keyText, type ObjectKey, type StoredObject } from '../object.ts';
import { accessOf, authorize, type Principal } from '../principal.ts';
import type { ObjectStore } from '../store.ts';
import type { Admitted } from './admit.ts';
import type { AdmissionIssue, ManifestInput } from './manifest.ts';

/** The principal with what it may do at this moment: every change is judged by rights that were read for it. */
export async function withAccess(
  { rights }: { rights?: Rights | undefined },
  principal: Principal,
): Promise<Principal> {
  if (principal.access || !rights) return principal;
  return { ...principal, access: await rights.of(principal, { fresh: true }) };
}

/** Whether the principal may know that the object exists. */
export function sees(principal: Principal, object: StoredObject): boolean {
  return authorize(principal, 'get', targetOf(object));
}

/** The principal as it is once the new projects of a batch exist: who may make a project for an account reaches into it. */
export function withNewProjects(
  principal: Principal,
  batch: { manifests: readonly ManifestInput[]; found: readonly (StoredObject | undefined)[] },
): Principal {
  const access = accessOf(principal);
  const made = batch.manifests.flatMap(({ kind, metadata, spec }, index) =>
    kind === 'Project' && !batch.found[index] ? [{ name: metadata.name, account: spec.account ?? 'default' }] : [],
  );
  if (access.root || made.length === 0) return principal;
  const statements = access.statements.map((statement): Access['statements'][number] => {
    const { rule, reach } = statement;
    if (reach.kind !== 'some' || !['account', 'channel', 'own'].includes(rule.scope)) return statement;
    const more = made.filter(({ account }) => reach.accounts.includes(String(account))).map(({ name }) => name);
    return { ...statement, reach: { ...reach, projects: [...reach.projects, ...more] } };
  });
  return { ...principal, access: { ...access, statements } };
}

/**
 * What is refused before anything is looked at. Of what the principal may not see it learns no more than of what does not exist; only
 * a name that is unique in the whole installation cannot be given twice.
 */
export function hidden(
  principal: Principal,
  one: { index: number; key: ObjectKey; manifest: ManifestInput; existing: StoredObject | undefined },
): AdmissionIssue | null {
  const { index, key, manifest, existing } = one;
  const wished = wishedTarget(principal, key, manifest);
  const issue = (code: AdmissionIssue['code'], message: string) => ({ index, key, path: '', code, message });
  if (existing && sees(principal, existing))
    return authorize(principal, 'update', targetOf(existing)) ? null : issue('Denied', mayNot(principal, key));
  if (!authorize(principal, 'create', wished)) return issue('Denied', mayNot(principal, key));
  return existing
    ? { ...issue('Conflict', `${keyText(key)} is not available; choose another name.`), path: '/metadata/name' }
    : null;
}

function wishedTarget(principal: Principal, key: ObjectKey, { metadata, spec }: ManifestInput): Target {
  const named = spec.account === undefined && key.kind === 'Project' ? { ...spec, account: 'default' } : spec;
  return {
    ...ownership({ kind: key.kind, name: key.name, project: key.project, spec: named }),
    createdBy: authorOf(principal),
    labels: metadata.labels ?? {},
    public: metadata.sharing === 'public',
  };
}

function mayNot({ actor }: Principal, key: ObjectKey): string {
  return `${actor} may not change ${keyText(key)}.`;
}

/** What is refused once it is known what the wishes would change. */
export async function permissionIssues(
  guards: { rights?: Rights | undefined; store: Pick<ObjectStore, 'getByKey' | 'list'> },
  principal: Principal,
  judged: { admitted: readonly Admitted[]; found: readonly (StoredObject | undefined)[] },
): Promise<AdmissionIssue[]> {
  const issues: AdmissionIssue[] = [];
  for (const one of judged.admitted) {
    const { index, key, object, change } = one;
    const before = judged.found[index];
    if (change === 'unchanged') continue;
    const verb = before ? 'update' : 'create';
    const allowed = authorize(principal, verb, targetOf(object), before ? changedPaths(one, before) : undefined);
    const why = allowed ? special(principal, one, before) : mayNot(principal, key);
    const beyond = why ?? (await escalation(guards, principal, { before, after: object }));
    if (beyond === null) continue;
    const protectedUser = beyond.startsWith('is the last');
    const message = beyond.endsWith(`${keyText(key)}.`) ? beyond : `${keyText(key)} ${beyond}`;
    issues.push({ index, key, path: '', code: protectedUser ? 'Protected' : 'Denied', message });
  }
  return issues;
}

const WRITABLE = ['labels', 'annotations', 'deleteProtection', 'sharing', 'adopt', 'custom'] as const;

function changedPaths({ changes, object }: Admitted, before: StoredObject): string[] {
  const metadata = WRITABLE.some((name) => !jsonEqual(before.metadata[name] as Json, object.metadata[name] as Json));
  return [...changes.map(({ path }) => path), ...(metadata ? ['metadata'] : [])];
}

/** Wishes that reach out of their project by what they say. */
function special(principal: Principal, { object }: Admitted, before: StoredObject | undefined): string | null {
  const may = (kind: string) => authorize(principal, 'use', { kind, project: null });
  const { adopt } = object.metadata;
  if (adopt !== null && adopt !== before?.metadata.adopt && !may('Adoption'))
    return 'may not adopt what exists outside; ask the operator.';
  if (object.kind === 'Source' && object.spec.folder !== undefined && !may('ServerFolder'))
    return 'may not read folders of the server; follow a Git repository instead.';
  return null;
}

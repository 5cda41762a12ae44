import type { Rights } from '../access/rights.ts';
import type { Verb } from '../access/rule.ts';
import { authorOf } from '../access/standing.ts';
import type { Environment } from '../clock.ts';
import { keyOf, keyText, type ObjectKey, type StoredObject } from '../object.ts';
import type { FieldChange, Risk } from '../plan.ts';
import type { Principal } from '../principal.ts';
import type { Registry } from '../registry.ts';
import type { ObjectStore, Write } from '../store.ts';
import { type Admitted, admit } from './admit.ts';
import { withAmounts } from './amounts.ts';
import { plannedDeletions } from './change.ts';
import { cycleIssues } from './cycles.ts';
import { type AdmissionIssue, type ManifestInput, manifestKey } from './manifest.ts';
import { metadataIssues } from './metadata-issues.ts';
import { hidden, permissionIssues, sees, withAccess, withNewProjects } from './permissions.ts';
import { type Precondition, unmetPreconditions } from './preconditions.ts';
import { referenceIssues } from './references.ts';
import type { Sealer } from './seal.ts';
import { didYouMean } from './suggest.ts';
import { uniqueKeyIssue, uniqueKeyIssues } from './unique-keys.ts';

export interface Admission {
  registry: Registry;
  store: ObjectStore;
  environment: Environment;
  sealer: Sealer;
  /** What principals may do. Without it only principals of the system itself may change anything. */
  rights?: Rights | undefined;
  /** What the world beside the objects has against wishes that are right by themselves, such as an account's credit. */
  review?(
    admitted: readonly Admitted[],
    existing: ReadonlyMap<number, StoredObject>,
    principal: Principal,
  ): Promise<AdmissionIssue[]>;
  /** What it has against a deletion or a request, in words; null: nothing. */
  reviewChange?(
    change: { verb: Verb; before: StoredObject; after: StoredObject },
    principal: Principal,
  ): Promise<string | null>;
}

export interface ApplyRequest {
  manifests: readonly ManifestInput[];
  principal: Principal;
  /** Who owns the fields from now on: `folder:quick-start`, `git:infra`, `api`, `cli`. */
  source: string;
  /** Take over fields that other sources own. */
  takeOver?: boolean;
  allowedRisk?: Risk;
  /** Everything but the write. */
  dryRun?: boolean;
  /** Objects that go in the same transaction. Their issues have the indices after those of the manifests. */
  deletes?: readonly ObjectKey[];
  /** Refuse unless every object still stands at this generation (0 = does not exist). For saved plans. */
  generations?: Readonly<Record<string, number>>;
  /** Refuse unless nothing stands yet, or something does: of this generation, where its author says which one was read. */
  only?: Precondition;
}

export type ApplyOutcome = { ok: true; results: ApplyResult[] } | { ok: false; issues: AdmissionIssue[] };

export interface ApplyResult {
  key: ObjectKey;
  change: Admitted['change'];
  object: StoredObject;
  changes: FieldChange[];
}

const CONFLICT_RETRIES_MAX = 5;

/** Admits all manifests and writes them in one transaction: all of it, or nothing and every reason why. */
export async function applyManifests(admission: Admission, asked: ApplyRequest): Promise<ApplyOutcome> {
  const request = { ...asked, principal: await withAccess(admission, asked.principal) };
  for (let attempt = 0; ; attempt++) {
    const judged = await judge(admission, request);
    const removal = await removalOf(admission, request);
    const issues = [...('issues' in judged ? judged.issues : []), ...('issues' in removal ? removal.issues : [])];
    if ('issues' in judged || 'issues' in removal) return { ok: false, issues };
    const changed = judged.admitted.filter((one) => one.change !== 'unchanged');
    const writes = [...changed.map((one) => writeOf(one, judged.existing)), ...removal.writes];
    if (request.dryRun || writes.length === 0) return { ok: true, results: judged.admitted.map(result) };
    const written = await admission.store.write(writes, request.principal);
    if (written.ok) return { ok: true, results: withWritten(judged.admitted, changed, written.objects) };
    const lostRace = written.failure === 'conflict' || written.failure === 'exists' || written.failure === 'gone';
    if (lostRace && attempt < CONFLICT_RETRIES_MAX) continue;
    const failed = changed[written.index] ?? removed(request, writes[written.index]);
    return { ok: false, issues: [refusedWrite(admission.registry, failed, written)] };
  }
}

/** The writes that delete, or why not; positions after those of the manifests. */
async function removalOf(
  admission: Admission,
  { manifests, deletes = [], principal }: ApplyRequest,
): Promise<{ writes: Write[] } | { issues: AdmissionIssue[] }> {
  const wished = new Set(
    deletes.length > 0 ? manifests.map((one) => keyText(manifestKey(admission.registry, one))) : [],
  );
  const both = deletes.flatMap((key, index): AdmissionIssue[] => {
    const message = `${keyText(key)} cannot be wished and deleted at once: leave one of them out.`;
    return wished.has(keyText(key)) ? [{ index, key, path: '', code: 'Conflict', message }] : [];
  });
  const planned = both.length > 0 ? { issues: both } : await plannedDeletions(admission, { keys: deletes, principal });
  if (!('issues' in planned)) return planned;
  return { issues: planned.issues.map((issue) => ({ ...issue, index: manifests.length + issue.index })) };
}

function removed({ manifests, deletes = [] }: ApplyRequest, write: Write | undefined): Pick<Admitted, 'index' | 'key'> {
  const key = keyOf((write as Write).object);
  return { index: manifests.length + deletes.findIndex((one) => keyText(one) === keyText(key)), key };
}

function refusedWrite(
  registry: Registry,
  { index, key }: Pick<Admitted, 'index' | 'key'>,
  { failure, detail }: { failure: string; detail: string },
): AdmissionIssue {
  if (failure === 'quota')
    return {
      index,
      key,
      path: '',
      code: 'QuotaExceeded',
      message: `${detail} Remove some, or ask for a larger quota.`,
    };
  if (failure === 'uniqueKey') return uniqueKeyIssue(registry, { index, key }, { key: detail, holder: null });
  return {
    index,
    key,
    path: '',
    code: 'Conflict',
    message: `${detail} is being changed by others all the time: try again.`,
  };
}

interface Judged {
  admitted: Admitted[];
  existing: ReadonlyMap<number, StoredObject>;
}

/** After so many manifests others have their turn: thousands of them take a second. */
const A_TURN = 1_000;

async function judge(admission: Admission, request: ApplyRequest): Promise<Judged | { issues: AdmissionIssue[] }> {
  const { registry, store } = admission;
  const keys = request.manifests.map((manifest) => manifestKey(registry, manifest));
  const found = await store.getByKey(keys);
  const principal = withNewProjects(request.principal, { manifests: request.manifests, found });
  // Who would only update is told of what they may not see as of what is not there: no name of theirs is taken by it.
  const shown =
    request.only?.verb === 'update'
      ? found.map((object) => (object && sees(principal, object) ? object : undefined))
      : found;
  const refused = [
    ...unknownKinds(registry, request, keys),
    ...duplicates(keys),
    ...metadataIssues(registry, request.manifests, { keys, found }),
    ...denied(principal, request, { keys, found: shown }),
  ];
  const barred = new Set(refused.map(({ index }) => index));
  refused.push(...unmetPreconditions(request, keys, shown).filter(({ index }) => !barred.has(index)));
  const hopeless = new Set(refused.map(({ index }) => index));
  const accounts = await accountsOf(admission, request, keys);
  const judged: ReturnType<typeof admit>[] = [];
  for (const [index, manifest] of request.manifests.entries()) {
    if (index % A_TURN === A_TURN - 1) await admission.environment.clock.sleep(0);
    if (hopeless.has(index)) continue;
    const key = keys[index] as ObjectKey;
    const account = accounts.get(key.project ?? '') ?? null;
    judged.push(admitOne(admission, request, { index, key, manifest, existing: found[index], account }));
  }
  const admitted = judged.flatMap((one) => ('admitted' in one ? [one.admitted] : []));
  const issues = [
    ...refused,
    ...judged.flatMap((one) => ('issues' in one ? one.issues : [])),
    ...(await referenceIssues(admission, admitted, { batch: keys, principal })),
    ...(await permissionIssues(admission, principal, { admitted, found })),
    ...(await uniqueKeyIssues(admission, admitted, principal)),
    ...cycleIssues(registry, admitted),
  ];
  if (issues.length > 0) return { issues: issues.sort((a, b) => a.index - b.index) };
  const counted = await withAmounts(admission, admitted);
  const existing = new Map(found.flatMap((object, index) => (object ? [[index, object] as const] : [])));
  const objections = (await admission.review?.(counted, existing, principal)) ?? [];
  return objections.length > 0 ? { issues: objections } : { admitted: counted, existing };
}

function admitOne(
  { registry, environment, sealer }: Admission,
  request: ApplyRequest,
  one: {
    index: number;
    key: ObjectKey;
    manifest: ManifestInput;
    existing: StoredObject | undefined;
    account: string | null;
  },
) {
  const kind = registry.kind(one.key.kind);
  if (!kind) throw new Error(`Unknown kind ${one.key.kind} passed the check for kinds.`);
  return admit({
    ...one,
    kind,
    source: request.source,
    actor: authorOf(request.principal),
    takeOver: request.takeOver ?? false,
    allowedRisk: request.allowedRisk ?? 'none',
    sealer,
    uid: one.existing ? one.existing.metadata.uid : environment.ids.uid(),
    now: environment.clock.now(),
  });
}

/** Whoever got so many kinds wrong is not helped by more; to look for each takes long. */
const HINTS_MAX = 20;

function unknownKinds(registry: Registry, { manifests }: ApplyRequest, keys: readonly ObjectKey[]): AdmissionIssue[] {
  const names = registry.kinds.map((known) => known.kind);
  let hints = 0;
  return manifests.flatMap(({ kind }, index) => {
    if (registry.kind(kind)) return [];
    hints += 1;
    const hint = hints > HINTS_MAX ? '.' : didYouMean(kind, names) || `. Known: ${names.join(', ')}.`;
    return [
      {
        index,
        key: keys[index] as ObjectKey,
        path: '/kind',
        code: 'UnknownKind' as const,
        message: `"${kind}" is no kind${hint}`,
      },
    ];
  });
}

function duplicates(keys: readonly ObjectKey[]): AdmissionIssue[] {
  const first = new Map<string, number>();
  return keys.flatMap((key, index) => {
    const text = keyText(key);
    const earlier = first.get(text);
    first.set(text, earlier ?? index);
    return earlier === undefined
      ? []
      : [
          {
            index,
            key,
            path: '/metadata/name',
            code: 'Duplicate' as const,
            message: `${text} is in this batch twice (documents ${earlier + 1} and ${index + 1}). Keep one.`,
          },
        ];
  });
}

function denied(
  principal: Principal,
  { manifests }: ApplyRequest,
  { keys, found }: { keys: readonly ObjectKey[]; found: readonly (StoredObject | undefined)[] },
): AdmissionIssue[] {
  return manifests.flatMap((manifest, index) => {
    const key = keys[index] as ObjectKey;
    return hidden(principal, { index, key, manifest, existing: found[index] }) ?? [];
  });
}

/** Project name → account that pays, from the projects of this batch and those stored. */
async function accountsOf(
  { store }: Admission,
  { manifests }: ApplyRequest,
  keys: readonly ObjectKey[],
): Promise<Map<string, string>> {
  const names = [...new Set(keys.flatMap(({ project }) => (project === null ? [] : [project])))];
  const stored = await store.getByKey(names.map((name) => ({ kind: 'Project', project: null, name })));
  const accounts = new Map<string, string>();
  const note = (name: string, account: unknown) => typeof account === 'string' && accounts.set(name, account);
  stored.forEach((project, index) => {
    note(names[index] as string, project?.spec.account);
  });
  for (const { kind, metadata, spec } of manifests) if (kind === 'Project') note(metadata.name, spec.account);
  return accounts;
}

function writeOf({ index, object, uniqueKeys }: Admitted, existing: ReadonlyMap<number, StoredObject>): Write {
  const before = existing.get(index);
  return before
    ? { op: 'update', object, expect: before.metadata.resourceVersion, uniqueKeys }
    : { op: 'create', object, uniqueKeys };
}

function result({ key, change, object, changes }: Admitted): ApplyResult {
  return { key, change, object, changes };
}

function withWritten(
  admitted: readonly Admitted[],
  changed: readonly Admitted[],
  objects: readonly StoredObject[],
): ApplyResult[] {
  const written = new Map(changed.map((one, index) => [one.index, objects[index] as StoredObject]));
  return admitted.map((one) => ({ ...result(one), object: written.get(one.index) ?? one.object }));
}

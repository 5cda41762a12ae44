import { allowsProvider, targetOf } from '../access/access.ts';
import { escalation } from '../access/escalation.ts';
import type { Verb } from '../access/rule.ts';
import { iso } from '../clock.ts';
import type { Json } from '../json.ts';
import { keyOf, keyText, type Metadata, type ObjectKey, type Override, type StoredObject } from '../object.ts';
import { accessOf, authorize, type Principal } from '../principal.ts';
import type { Registry } from '../registry.ts';
import type { Write } from '../store.ts';
import type { Admission } from './apply.ts';
import type { AdmissionIssue } from './manifest.ts';
import { sees, withAccess } from './permissions.ts';

export type ChangeOutcome = { ok: true; objects: StoredObject[] } | { ok: false; issues: AdmissionIssue[] };

interface Change {
  keys: readonly ObjectKey[];
  principal: Principal;
}

const RETRIES_MAX = 5;

/** Marks objects as deleted; their loops remove what is outside, then the rows. A grace period keeps them restorable until it ends. */
export function deleteObjects(
  admission: Admission,
  { graceSeconds = 0, ...change }: Change & { graceSeconds?: number },
): Promise<ChangeOutcome> {
  const deletedAt = iso(admission.environment.clock.now() + graceSeconds * 1000);
  return changeMetadata(admission, { ...change, verb: 'delete' }, deletion(deletedAt));
}

function deletion(deletedAt: string): Next {
  return ({ metadata }, issue) => {
    if (metadata.deleteProtection)
      return issue('Protected', 'is protected from deletion. Set metadata.deleteProtection to false first.');
    if (metadata.deletedAt !== null && Date.parse(metadata.deletedAt) <= Date.parse(deletedAt)) return metadata;
    return { ...metadata, deletedAt };
  };
}

/** Deletions that are to happen together with other changes, in one transaction: the writes, or every reason why not. */
export async function plannedDeletions(
  admission: Admission,
  { keys, principal }: Change,
): Promise<{ writes: Write[] } | { issues: AdmissionIssue[] }> {
  if (keys.length === 0) return { writes: [] };
  const next = deletion(iso(admission.environment.clock.now()));
  const planned = await plannedChanges(admission, { keys, principal, verb: 'delete' }, next);
  return planned.issues.length > 0 ? { issues: planned.issues } : { writes: planned.writes };
}

/** Takes a deletion back while its grace period lasts. */
export function restoreObjects(admission: Admission, change: Change): Promise<ChangeOutcome> {
  const now = admission.environment.clock.now();
  return changeMetadata(admission, { ...change, verb: 'delete' }, ({ metadata }, issue) => {
    if (metadata.deletedAt === null) return metadata;
    if (Date.parse(metadata.deletedAt) <= now)
      return issue('Deleting', 'is being removed already and cannot be restored.');
    return { ...metadata, deletedAt: null };
  });
}

/** Sets an imperative wish, e.g. `reboot`. The token makes repeating the call harmless; done when `status.requests` shows it. */
export function requestAction(
  admission: Admission,
  { name, token, ...change }: Change & { name: string; token: string },
): Promise<ChangeOutcome> {
  return changeMetadata(admission, { ...change, verb: 'request' }, ({ kind, metadata }, issue) => {
    const known = Object.keys(admission.registry.kind(kind)?.requests ?? {});
    if (!known.includes(name))
      return issue('Unsupported', `does not understand the request "${name}". Known: ${known.join(', ') || 'none'}.`);
    return { ...metadata, requests: { ...metadata.requests, [name]: token } };
  });
}

/** Sets a temporary departure from the spec, or ends it (`value` undefined). `until`: epoch ms, or null for no end. */
export function overrideField(
  admission: Admission,
  {
    name,
    value,
    until,
    reason,
    ...change
  }: Change & { name: string; value: Json | undefined; until: number | null; reason?: string },
): Promise<ChangeOutcome> {
  const now = admission.environment.clock.now();
  return changeMetadata(admission, { ...change, verb: 'override' }, ({ kind, metadata }, issue, principal) => {
    const byProvider = isOfProvider(principal, kind);
    const schema = admission.registry.kind(kind)?.overrides?.[name];
    const known = ['paused', ...Object.keys(admission.registry.kind(kind)?.overrides ?? {})];
    if (!known.includes(name))
      return issue('Unsupported', `does not understand the override "${name}". Known: ${known.join(', ')}.`);
    const { [name]: before, ...others } = metadata.overrides;
    if (!byProvider && isHeldByProvider(before, now))
      return issue('Denied', `has its ${name} held by the provider: ${before?.reason ?? 'ask there why.'}`);
    if (value === undefined) return { ...metadata, overrides: others };
    const valid = name === 'paused' ? typeof value === 'boolean' : schema?.safeParse(value).success === true;
    if (!valid) return issue('Invalid', `${JSON.stringify(value)} is no value for the override "${name}".`);
    const override = {
      value,
      by: change.principal.actor,
      until: until === null ? null : iso(until),
      ...(reason ? { reason } : {}),
      ...(byProvider ? { byProvider } : {}),
    };
    return { ...metadata, overrides: { ...others, [name]: override } };
  });
}

/** Whether they may override things of this kind whosesoever they are. */
function isOfProvider(principal: Principal, kind: string): boolean {
  const access = accessOf(principal);
  return access.root || allowsProvider(access, 'override', { kind, project: null });
}

function isHeldByProvider(override: Override | undefined, now: number): boolean {
  return override?.byProvider === true && (override.until === null || Date.parse(override.until) > now);
}

type Failure = { failure: AdmissionIssue['code']; message: string };

type Next = (
  object: StoredObject,
  issue: (code: Failure['failure'], message: string) => Failure,
  principal: Principal,
) => Metadata | Failure;

async function changeMetadata(
  admission: Admission,
  { keys, principal: asking, verb }: Change & { verb: Verb },
  next: Next,
): Promise<ChangeOutcome> {
  const principal = await withAccess(admission, asking);
  for (let attempt = 0; attempt <= RETRIES_MAX; attempt++) {
    const { found, issues, writes } = await plannedChanges(admission, { keys, principal, verb }, next);
    if (issues.length > 0) return { ok: false, issues };
    const outcome =
      writes.length === 0 ? ({ ok: true, objects: [] } as const) : await admission.store.write(writes, principal);
    if (outcome.ok) {
      const written = new Map(outcome.objects.map((object) => [object.metadata.uid, object]));
      return {
        ok: true,
        objects: found.flatMap((object) => (object ? [written.get(object.metadata.uid) ?? object] : [])),
      };
    }
    if (outcome.failure === 'uniqueKey') throw new Error(`A change of metadata met a unique key: ${outcome.detail}`);
  }
  const key = keys[0] as ObjectKey;
  return {
    ok: false,
    issues: [{ index: 0, key, path: '', code: 'Conflict', message: 'kept changing under this request; try again.' }],
  };
}

async function plannedChanges(
  admission: Admission,
  { keys, principal, verb }: Change & { verb: Verb },
  next: Next,
): Promise<{ found: readonly (StoredObject | undefined)[]; issues: AdmissionIssue[]; writes: Write[] }> {
  const found = await admission.store.getByKey(keys);
  const planned = keys.map((key, index) =>
    plannedChange(key, { index, object: found[index], registry: admission.registry, principal, verb, next }),
  );
  const issues = planned.flatMap((one) => ('issue' in one ? [one.issue] : []));
  if (issues.length === 0) issues.push(...(await beyond(admission, principal, { keys, found, verb })));
  const writes = planned.flatMap((one) => ('write' in one && one.write ? [one.write] : []));
  if (issues.length === 0) issues.push(...(await objections(admission, principal, { found, writes, verb })));
  return { found, issues, writes };
}

/** What the world beside the objects has against it. */
async function objections(
  { reviewChange }: Admission,
  principal: Principal,
  { found, writes, verb }: { found: readonly (StoredObject | undefined)[]; writes: readonly Write[]; verb: Verb },
): Promise<AdmissionIssue[]> {
  const issues: AdmissionIssue[] = [];
  for (const { object: after } of writes) {
    const index = found.findIndex((one) => one?.metadata.uid === after.metadata.uid);
    const before = found[index];
    const why = before ? await reviewChange?.({ verb, before, after }, principal) : null;
    const key = keyOf(after);
    if (why) issues.push({ index, key, path: '', code: 'Denied', message: `${keyText(key)} ${why}` });
  }
  return issues;
}

/** What nobody may do to somebody who may do more, or who is the last to be able to. */
async function beyond(
  admission: Admission,
  principal: Principal,
  { keys, found, verb }: { keys: readonly ObjectKey[]; found: readonly (StoredObject | undefined)[]; verb: Verb },
): Promise<AdmissionIssue[]> {
  const issues: AdmissionIssue[] = [];
  for (const [index, before] of found.entries()) {
    const key = keys[index] as ObjectKey;
    const why = await escalation(admission, principal, { before, after: verb === 'delete' ? undefined : before });
    if (why !== null) issues.push({ index, key, path: '', code: 'Denied', message: `${keyText(key)} ${why}` });
  }
  return issues;
}

function plannedChange(
  key: ObjectKey,
  input: {
    index: number;
    object: StoredObject | undefined;
    registry: Registry;
    principal: Principal;
    verb: Verb;
    next: Next;
  },
) {
  const issue = (code: Failure['failure'], message: string) => ({
    issue: { index: input.index, key, path: '', code, message: `${keyText(key)} ${message}` } satisfies AdmissionIssue,
  });
  const { object } = input;
  if (!object || !sees(input.principal, object)) return issue('RefMissing', 'does not exist.');
  if (!authorize(input.principal, input.verb, targetOf(object)))
    return issue('Denied', `may not be changed by ${input.principal.actor} (${input.verb}).`);
  const next = input.next(object, (failure, message) => ({ failure, message }), input.principal);
  if ('failure' in next) return issue(next.failure, next.message);
  if (next === object.metadata) return { write: null };
  const uniqueKeys = input.registry.kind(key.kind)?.uniqueKeys?.({ spec: object.spec, metadata: next }) ?? [];
  return {
    write: {
      op: 'update' as const,
      object: { ...object, metadata: next },
      expect: object.metadata.resourceVersion,
      uniqueKeys,
    },
  };
}

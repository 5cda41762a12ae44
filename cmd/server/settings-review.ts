import type { Admitted } from '../../reconciler/admission/admit.ts';
import type { Admission } from '../../reconciler/admission/apply.ts';
import type { AdmissionIssue } from '../../reconciler/admission/manifest.ts';
import { jsonEqual } from '../../reconciler/equal.ts';
import type { Json } from '../../reconciler/json.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { Principal } from '../../reconciler/principal.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import { CATALOGUE, isSettingKey, type SettingKey } from '../../resources/support/setting/catalogue.ts';
import { effective, whereOf } from '../../resources/support/setting/effective.ts';
import { personOf, standingAt } from '../../resources/support/setting/facts.ts';
import type { Property } from '../../resources/support/setting/property.ts';
import type { LiveSettings } from './live-settings.ts';

interface Parts {
  store: Pick<ObjectStore, 'list' | 'getByKey'>;
  settings: Pick<LiveSettings, 'facts' | 'value' | 'file'>;
  now(): number;
}

/** What a new or changed Setting meets beside its own words: what can no longer change. */
export function settingsReview({ store, settings }: Parts): NonNullable<Admission['review']> {
  return async (admitted, existing) => {
    const changed = admitted.filter(({ change }) => change !== 'unchanged');
    const issues = changed.flatMap((one) => masqueradeIssue(one, settings.value('masquerade.maxMinutes')));
    for (const one of changed.filter(({ key }) => key.kind === 'Setting')) {
      const before = existing.get(one.index);
      const missing = await namesNothing(store, one.object, admitted);
      if (missing !== null)
        issues.push({ index: one.index, key: one.key, path: '/spec/value', code: 'Invalid', message: missing });
      const message = await frozenBy({ store, settings }, { before, after: one.object });
      if (message !== null)
        issues.push({ index: one.index, key: one.key, path: '/spec/key', code: 'Conflict', message });
    }
    return issues;
  };
}

function masqueradeIssue({ index, key, object, change }: Admitted, most: number): AdmissionIssue[] {
  if (key.kind !== 'Masquerade' || change !== 'created' || Number(object.spec.minutes) <= most) return [];
  const message = `is ${object.spec.minutes}; at most ${most} are allowed here (masquerade.maxMinutes).`;
  return [{ index, key, path: '/spec/minutes', code: 'Invalid', message }];
}

/** A value that names an object that is not there would be found out only when somebody needs it. */
async function namesNothing(
  store: Pick<ObjectStore, 'getByKey'>,
  { spec }: StoredObject,
  batch: readonly Admitted[],
): Promise<string | null> {
  const key = String(spec.key);
  const property: Property | null = isSettingKey(key) ? CATALOGUE[key] : null;
  const kind = property?.names;
  const { value: name } = spec;
  if (kind === undefined || typeof name !== 'string' || name === '') return null;
  const wished = batch.find((one) => one.key.kind === kind && one.key.name === name)?.object;
  const named = wished ?? (await store.getByKey([{ kind, project: null, name }]))[0];
  if (named === undefined) return `is "${name}", and there is no ${kind} of that name.`;
  if (kind === 'Role' && named.spec.side !== 'customer')
    return `is "${name}", which is no role of customers: whoever registers would have it.`;
  return null;
}

async function frozenBy(
  { store, settings }: Pick<Parts, 'store' | 'settings'>,
  { before, after }: { before: StoredObject | undefined; after: StoredObject | null },
): Promise<string | null> {
  const key = String((after ?? before)?.spec.key);
  if (!isSettingKey(key) || CATALOGUE[key].frozen === null) return null;
  const wished: Json = after === null ? defaultOf(key) : (after.spec.value as Json);
  if (jsonEqual(wished, settings.value(key) as Json)) return null;
  const { items } = await store.list({ kind: 'Account', orderBy: 'name', limit: 1 });
  const first = items[0]?.object.metadata.name;
  if (first === undefined) return null;
  return `cannot change any more: there are accounts (${first}), and what they are billed was cut by ${JSON.stringify(settings.value(key))}. Give accounts a BillingPolicy instead.`;
}

function defaultOf(key: SettingKey): Json {
  return CATALOGUE[key].fallback;
}

/** What a deletion or an approval meets: nobody agrees to their own value, and deleting is no way around a second person. */
export function settingsChangeReview(parts: Parts): NonNullable<Admission['reviewChange']> {
  return async ({ verb, before, after }, principal) => {
    const { key } = before.spec;
    if (before.kind !== 'Setting' || typeof key !== 'string' || !isSettingKey(key)) return null;
    if (verb === 'request') return approvalFault(parts, { before, after, key }, principal);
    if (verb !== 'delete' || after.metadata.deletedAt === null) return null;
    return (await deletionFault(parts, before, key)) ?? frozenBy(parts, { before, after: null });
  };
}

async function approvalFault(
  { settings, now }: Parts,
  { before, after, key }: { before: StoredObject; after: StoredObject; key: SettingKey },
  principal: Principal,
): Promise<string | null> {
  const { uid, name, generation } = before.metadata;
  if (after.metadata.requests.approve === before.metadata.requests.approve) return null;
  if (!CATALOGUE[key].requiresApproval) return `sets "${key}", which needs no approval.`;
  const awaiting = standingAt(await settings.facts(uid), now()).get(uid)?.awaiting ?? null;
  if (awaiting === null) return 'awaits no approval: its value is in force.';
  if (after.metadata.requests.approve !== String(generation))
    return `stands at generation ${generation}: look at its value, and approve by the token "${generation}", as "steward settings approve ${name}" does.`;
  const person = personOf(principal);
  return awaiting.by.includes(person) ? `was set by ${person}, so somebody else has to agree.` : null;
}

async function deletionFault({ settings, now }: Parts, object: StoredObject, key: SettingKey): Promise<string | null> {
  if (!CATALOGUE[key].requiresApproval) return null;
  const { uid } = object.metadata;
  const standings = new Map(standingAt(await settings.facts(null), now()));
  const inForce = standings.get(uid)?.inForce ?? null;
  if (inForce === null) return null;
  standings.delete(uid);
  const left = effective(key, whereOf(object.spec), { standings, file: settings.file }).value;
  const otherwise = settings.value(key, whereOf(object.spec));
  if (jsonEqual(left, inForce.value)) return null;
  return `holds "${key}" at ${JSON.stringify(otherwise)}, which only two people change: set it to ${JSON.stringify(left)} and have that approved, then delete it.`;
}

import type { StoredObject } from '../object.ts';
import type { Write } from '../store.ts';
import type { Objects } from './objects.ts';

/** The first quota that has no room for what the writes add, in words. Deletions free their amounts when the objects are gone. */
export function quotaRefusal(objects: Objects, writes: readonly Write[]): { index: number; detail: string } | null {
  const seats = seatRefusal(objects, writes);
  if (seats) return seats;
  const quotas = objects.ofKind('Quota');
  if (quotas.length === 0) return null;
  for (const quota of quotas) {
    const limits = (quota.spec.limits ?? {}) as Record<string, number>;
    for (const [resource, limit] of Object.entries(limits)) {
      const index = overIndex(objects, writes, { quota, resource, limit });
      if (index !== null)
        return { index, detail: `The quota of ${limit} ${resource} of ${subjectOf(quota)} has no room for this.` };
    }
  }
  return null;
}

/** The users of an account are bounded by its type. */
function seatRefusal(objects: Objects, writes: readonly Write[]): { index: number; detail: string } | null {
  const come = new Map<string, number>();
  for (const [index, { object }] of writes.entries()) {
    const { account } = object.spec;
    const isNew = objects.get(object.metadata.uid)?.spec.account !== account;
    if (object.kind !== 'User' || typeof account !== 'string' || !isNew) continue;
    come.set(account, (come.get(account) ?? 0) + 1);
    const type = objects.byKey({ kind: 'Account', project: null, name: account })?.spec.type;
    const bound = objects.byKey({ kind: 'AccountType', project: null, name: String(type) })?.spec.maxUsers;
    const taken = objects.ofKind('User').filter(({ spec }) => spec.account === account).length;
    if (typeof bound === 'number' && bound >= 0 && taken + (come.get(account) ?? 0) > bound)
      return { index, detail: `The quota of ${bound} users of account ${account} has no room for this.` };
  }
  return null;
}

function overIndex(
  objects: Objects,
  writes: readonly Write[],
  { quota, resource, limit }: { quota: StoredObject; resource: string; limit: number },
): number | null {
  const counts = (object: StoredObject) =>
    isHeld(objects, quota, object) ? (object.metadata.amounts?.[resource] ?? 0) : 0;
  let used = 0;
  for (const object of objects.all()) used += counts(object);
  for (const [index, { object }] of writes.entries()) {
    const old = objects.get(object.metadata.uid);
    const more = counts(object) - (old ? counts(old) : 0);
    used += more;
    if (more > 0 && used > limit && object.metadata.ownerUid === null) return index;
  }
  return null;
}

function isHeld(objects: Objects, { spec }: StoredObject, object: StoredObject): boolean {
  if (typeof spec.project === 'string') return object.metadata.project === spec.project;
  const account = accountOf(object);
  if (account === null) return false;
  if (typeof spec.account === 'string') return account === spec.account;
  return domainsOf(objects, account).includes(spec.domain as string);
}

function accountOf({ metadata, spec }: StoredObject): string | null {
  return metadata.project === null && typeof spec.account === 'string' ? spec.account : metadata.account;
}

/** The account's domain and all above it. Each is visited once, should somebody have made a circle. */
function domainsOf(objects: Objects, account: string): string[] {
  const found: string[] = [];
  let at = objects.byKey({ kind: 'Account', project: null, name: account })?.spec.domain;
  while (typeof at === 'string' && !found.includes(at)) {
    found.push(at);
    at = objects.byKey({ kind: 'Domain', project: null, name: at })?.spec.parent;
  }
  return found;
}

function subjectOf({ spec }: StoredObject): string {
  const sort = ['account', 'project', 'domain'].find((name) => typeof spec[name] === 'string') ?? 'account';
  return `${sort} ${spec[sort]}`;
}

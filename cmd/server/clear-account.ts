import type { Records } from '../../identity/records.ts';
import { iso } from '../../reconciler/clock.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import { portal } from '../../reconciler/principal.ts';
import type { Registry } from '../../reconciler/registry.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import { all, projectsOf } from './books-wishes.ts';

interface Parts {
  store: Pick<ObjectStore, 'list' | 'write'>;
  records: Pick<Records, 'removeOfSubject'>;
  admission: { registry: Pick<Registry, 'kinds'> };
  books: { now(): Promise<number> };
}

const PORTAL = portal('accounts');
const AT_ONCE = 100;

/**
 * Has everything removed that is in the projects of an account which ends: nothing is made anew first, then what uses others before what is
 * used, which the loops see to. Its people are out. What the books need to be read and paid stays, and so do the names: nobody else gets them.
 */
export async function clearAccount(parts: Parts, account: StoredObject): Promise<void> {
  const { store, records } = parts;
  const people = await all(store, 'User', { refersTo: account.metadata.uid });
  for (const { metadata, spec } of people)
    if (spec.account === account.metadata.name) await records.removeOfSubject('session', metadata.uid, null);
  const deletedAt = iso(await parts.books.now());
  const standing = (await leftOf(parts, account)).filter((object) => !isGoing(object, deletedAt));
  const ordered = standing.toSorted((a, b) => Number(b.kind === 'Source') - Number(a.kind === 'Source'));
  for (let index = 0; index < ordered.length; index += AT_ONCE)
    // What somebody else changed meanwhile is taken at the next look.
    await store.write(
      ordered.slice(index, index + AT_ONCE).map((object) => ({
        op: 'update' as const,
        object: { ...object, metadata: { ...object.metadata, deletedAt, deleteProtection: false } },
        expect: object.metadata.resourceVersion,
        uniqueKeys: [],
      })),
      PORTAL,
    );
}

/** How much is left, and how much of it nobody has asked to go. */
export async function remains(parts: Parts, account: StoredObject): Promise<{ left: number; standing: number }> {
  const left = await leftOf(parts, account);
  const now = iso(await parts.books.now());
  return { left: left.length, standing: left.filter((object) => !isGoing(object, now)).length };
}

function isGoing({ metadata: { deletedAt } }: StoredObject, now: string): boolean {
  return deletedAt !== null && deletedAt <= now;
}

/** Children go with their owners. */
async function leftOf({ store, admission }: Parts, account: StoredObject): Promise<StoredObject[]> {
  const kinds = admission.registry.kinds.filter(
    ({ scope, group, kind }) => scope === 'project' && (kind === 'Subscription' || !BOOKS.includes(group)),
  );
  const projects = await projectsOf(store, account);
  const found = await Promise.all(
    projects.flatMap(({ metadata }) => kinds.map(({ kind }) => all(store, kind, { project: metadata.name }))),
  );
  return found.flat().filter(({ metadata }) => metadata.ownerUid === null);
}

/** Wallets, payment methods, corrections, tickets: the books and the talk about them. */
const BOOKS: readonly string[] = ['commerce', 'support'];

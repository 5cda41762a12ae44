import { keyOf, keyText, type ObjectKey, type StoredObject } from '../object.ts';
import type { Registry } from '../registry.ts';
import type { ChangeLog } from './change-log.ts';
import { frozen } from './frozen.ts';
import { keyReferredTo, targetsOf } from './references.ts';
import { SetMap } from './set-map.ts';

/** The live objects with every index that a read needs. Every put takes a new resourceVersion and leaves a change. */
export class Objects {
  readonly #byUid = new Map<string, StoredObject>();
  readonly #uidByKey = new Map<string, string>();
  readonly #byKind = new SetMap<string>();
  readonly #byOwner = new SetMap<string>();
  readonly #referrers = new SetMap<string>();
  readonly #uniqueKeys = new Map<string, string>();
  readonly #uniqueKeysOf = new Map<string, readonly string[]>();
  readonly #registry: Pick<Registry, 'kind'>;
  readonly #log: ChangeLog;

  constructor(registry: Pick<Registry, 'kind'>, log: ChangeLog) {
    this.#registry = registry;
    this.#log = log;
  }

  get(uid: string): StoredObject | undefined {
    return this.#byUid.get(uid);
  }

  byKey(key: ObjectKey): StoredObject | undefined {
    return this.#byUid.get(this.#uidByKey.get(keyText(key)) ?? '');
  }

  holderOfUniqueKey(kind: string, key: string): string | undefined {
    return this.#uniqueKeys.get(`${kind}\n${key}`);
  }

  uniqueKeysOf(uid: string): readonly string[] {
    return this.#uniqueKeysOf.get(uid) ?? [];
  }

  all(): IterableIterator<StoredObject> {
    return this.#byUid.values();
  }

  ofKind(kind: string): StoredObject[] {
    return this.#load(this.#byKind.get(kind));
  }

  kinds(): [string, number][] {
    return this.#byKind.sizes();
  }

  childrenOf(ownerUid: string): StoredObject[] {
    return this.#load(this.#byOwner.get(ownerUid));
  }

  /** Objects that refer to this one by pinned uid or by name, itself excluded, ordered by key. */
  referrersOf(object: StoredObject): StoredObject[] {
    const found = this.#load(this.referrerUidsOf(object));
    return found.sort((a, b) => (keyText(keyOf(a)) < keyText(keyOf(b)) ? -1 : 1));
  }

  referrerUidsOf(object: StoredObject): Set<string> {
    const byPin = this.#referrers.get(object.metadata.uid);
    const uids = new Set([...byPin, ...this.#referrers.get(keyReferredTo(keyOf(object)))]);
    uids.delete(object.metadata.uid);
    return uids;
  }

  put(object: StoredObject, uniqueKeys?: readonly string[]): StoredObject {
    const { uid } = object.metadata;
    const old = this.#byUid.get(uid);
    if (old) this.#unindex(old);
    const resourceVersion = this.#log.changed(uid, object.kind, keyOf(object));
    const stored = frozen({ ...object, metadata: { ...object.metadata, resourceVersion } });
    this.restore(stored, uniqueKeys);
    return stored;
  }

  /** Takes an object in as it is, with the version it has: for a seed, and without leaving a change. */
  restore(object: StoredObject, uniqueKeys?: readonly string[]): void {
    const stored = frozen(object);
    this.#byUid.set(stored.metadata.uid, stored);
    this.#index(stored);
    if (uniqueKeys) this.#setUniqueKeys(stored, uniqueKeys);
  }

  remove(uid: string): void {
    const object = this.#byUid.get(uid);
    if (!object) return;
    this.#unindex(object);
    this.#setUniqueKeys(object, []);
    this.#byUid.delete(uid);
    this.#log.removed(uid, object.kind, keyOf(object));
  }

  #load(uids: Iterable<string>): StoredObject[] {
    return [...uids].map((uid) => this.#byUid.get(uid)).filter((object) => object !== undefined);
  }

  #index(object: StoredObject): void {
    const { uid, ownerUid } = object.metadata;
    this.#uidByKey.set(keyText(keyOf(object)), uid);
    this.#byKind.add(object.kind, uid);
    if (ownerUid !== null) this.#byOwner.add(ownerUid, uid);
    for (const target of targetsOf(this.#registry, object)) this.#referrers.add(target, uid);
  }

  #unindex(object: StoredObject): void {
    const { uid, ownerUid } = object.metadata;
    const key = keyText(keyOf(object));
    if (this.#uidByKey.get(key) === uid) this.#uidByKey.delete(key);
    this.#byKind.delete(object.kind, uid);
    if (ownerUid !== null) this.#byOwner.delete(ownerUid, uid);
    for (const target of targetsOf(this.#registry, object)) this.#referrers.delete(target, uid);
  }

  #setUniqueKeys(object: StoredObject, keys: readonly string[]): void {
    const { uid } = object.metadata;
    for (const key of this.uniqueKeysOf(uid)) {
      if (this.holderOfUniqueKey(object.kind, key) === uid) this.#uniqueKeys.delete(`${object.kind}\n${key}`);
    }
    for (const key of keys) this.#uniqueKeys.set(`${object.kind}\n${key}`, uid);
    if (keys.length > 0) this.#uniqueKeysOf.set(uid, [...keys]);
    else this.#uniqueKeysOf.delete(uid);
  }
}

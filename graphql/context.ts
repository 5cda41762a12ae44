import { createBatcher } from '../reconciler/batcher.ts';
import { keyText, type ObjectKey, type StoredObject } from '../reconciler/object.ts';
import type { Principal } from '../reconciler/principal.ts';
import type { ObjectStore } from '../reconciler/store.ts';
import { scopedApi } from './access.ts';
import type { Api } from './api.ts';
import type { Vigil } from './vigil.ts';

/** One request: who asks, what the API stands on, and look-ups that travel in batches. */
export interface Context {
  api: Api;
  principal: Principal;
  /** Watches over what stays open. */
  vigil?: Vigil;
  /** The caller's own key of the mutation that runs. */
  idempotencyKey?: string;
  byKey(key: ObjectKey): Promise<StoredObject | undefined>;
  byUid(uid: string): Promise<StoredObject | undefined>;
}

const BATCH = { max: 500, parallel: 2 };

/** The only way to a context: what resolvers reach through it is what the principal may see. */
export function createContext(whole: Api, principal: Principal): Context {
  const api = scopedApi(whole, principal);
  return {
    api,
    principal,
    byKey: cached(
      keyText,
      createBatcher((keys: ObjectKey[]) => api.store.getByKey(keys), BATCH),
    ),
    byUid: cached(
      (uid: string) => uid,
      createBatcher((uids: string[]) => api.store.getByUid(uids), BATCH),
    ),
  };
}

function cached<K, V>(text: (key: K) => string, load: (key: K) => Promise<V>): (key: K) => Promise<V> {
  const seen = new Map<string, Promise<V>>();
  return (key) => {
    const name = text(key);
    const known = seen.get(name);
    if (known) return known;
    const loading = load(key);
    seen.set(name, loading);
    return loading;
  };
}

export type RecordReader = Pick<ObjectStore, 'events' | 'steps' | 'audit' | 'journal'>;

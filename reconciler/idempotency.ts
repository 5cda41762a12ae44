import type { Json } from './json.ts';
import type { StoredObject } from './object.ts';

/**
 * Callers' own keys: a request that is sent again under its key is answered as it was the first time, and not done again. A key is taken
 * before anything is done, for as long as its lease lasts; what is written under it is noted in the transaction that writes.
 */
export interface IdempotencyKeys {
  /** Takes the key for this request, or tells what stands in the way. */
  claim(use: KeyUse, leaseMs: number): Promise<KeyClaimed>;
  /** Keeps the answer, unless somebody else has taken the key meanwhile. The first answer stays. */
  keep(claim: KeyClaim, answer: Json): Promise<void>;
  /** Gives a key back under which nothing was done. */
  release(claim: KeyClaim): Promise<void>;
  /** Drops what is older than the time that keys are kept for. */
  forget(): Promise<void>;
}

export const KEYS_KEPT_DAYS = 30;

/** Whose key it is, and the one try that holds it. */
export interface KeyClaim {
  principal: string;
  key: string;
  /** Of this try: no other has it. */
  token: string;
}

export interface KeyUse extends KeyClaim {
  /** Of what was asked for. */
  requestHash: string;
}

export type KeyClaimed =
  /** Ours, and never used. */
  | { state: 'taken' }
  /** Ours; an earlier try ended without a word. `receipt`: what it wrote, where it got that far. */
  | { state: 'resumed'; receipt: readonly WrittenRow[] | null }
  | { state: 'answered'; answer: Json }
  /** Another try is at it. */
  | { state: 'busy' }
  /** It was used for another request. */
  | { state: 'otherwise' };

/** What a transaction wrote under a key. */
export interface WrittenRow {
  op: 'create' | 'update';
  uid: string;
  kind: string;
  project: string | null;
  name: string;
  generation: number;
}

export function writtenRow(op: WrittenRow['op'], { kind, metadata }: StoredObject): WrittenRow {
  const { uid, project, name, generation } = metadata;
  return { op, uid, kind, project, name, generation };
}

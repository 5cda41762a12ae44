/**
 * Objects that found no place, and the kinds of object that could give them one. They refer to none of those, so no reference wakes
 * them: a change of such an object does, here. A hint of this instance only; their own waiting time is the truth.
 */
export interface PendingAllocations {
  waits(uid: string, kinds: readonly string[]): void;
  settled(uid: string): void;
  /** Who may hope, now that an object of this kind has changed. Each is told once. */
  hopeful(kind: string): string[];
}

const PENDING_MAX = 10_000;

export function createPendingAllocations(): PendingAllocations {
  const pending = new Map<string, readonly string[]>();
  return {
    waits: (uid, kinds) => {
      if (pending.size < PENDING_MAX) pending.set(uid, kinds);
    },
    settled: (uid) => pending.delete(uid),
    hopeful: (kind) => {
      const uids = [...pending].filter(([, kinds]) => kinds.includes(kind)).map(([uid]) => uid);
      for (const uid of uids) pending.delete(uid);
      return uids;
    },
  };
}

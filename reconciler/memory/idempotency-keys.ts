import type { IdempotencyKeys, KeyClaim } from '../idempotency.ts';
import type { Json } from '../json.ts';

interface Kept {
  requestHash: string;
  /** Null: nobody is at it. */
  token: string | null;
  answer: { value: Json } | null;
}

/** Keys of one process: they end with it, as does everything that was done under them. */
export function createMemoryKeys(): IdempotencyKeys {
  const known = new Map<string, Kept>();
  const name = ({ principal, key }: Pick<KeyClaim, 'principal' | 'key'>) => JSON.stringify([principal, key]);
  const held = (claim: KeyClaim) => {
    const kept = known.get(name(claim));
    return kept?.token === claim.token ? kept : undefined;
  };
  return {
    claim: async (use) => {
      const kept = known.get(name(use));
      if (kept === undefined) {
        known.set(name(use), { requestHash: use.requestHash, token: use.token, answer: null });
        return { state: 'taken' };
      }
      if (kept.requestHash !== use.requestHash) return { state: 'otherwise' };
      return kept.answer === null ? { state: 'busy' } : { state: 'answered', answer: kept.answer.value };
    },
    keep: async (claim, value) => {
      const kept = held(claim);
      if (kept) known.set(name(claim), { ...kept, token: null, answer: { value } });
    },
    release: async (claim) => {
      if (held(claim)) known.delete(name(claim));
    },
    forget: async () => undefined,
  };
}

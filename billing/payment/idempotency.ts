/**
 * Callers' own keys: a request that is sent again with its key is answered as it was the first time. Kept for 30 days. What runs under a
 * key must be repeatable by itself, since its server may die before it has kept the answer.
 */
export interface IdempotencyKeys {
  /** Takes the key for this request, or tells what it was taken for. */
  claim(use: KeyUse): Promise<{ requestHash: string; response: unknown }>;
  keep(use: Pick<KeyUse, 'principal' | 'key'>, response: unknown): Promise<void>;
  /** Drops what is older than the time that keys are kept for. */
  forget(): Promise<void>;
}

export interface KeyUse {
  principal: string;
  key: string;
  requestHash: string;
}

export const KEYS_KEPT_DAYS = 30;

/** Runs once for a key, until an answer is final. A key that was used for something else runs nothing. */
export async function onceFor<Response>(
  keys: IdempotencyKeys,
  use: KeyUse,
  { run, isFinal }: { run(): Promise<Response>; isFinal(response: Response): boolean },
): Promise<{ outcome: 'answered'; response: Response } | { outcome: 'conflict' }> {
  const known = await keys.claim(use);
  if (known.requestHash !== use.requestHash) return { outcome: 'conflict' };
  if (known.response !== null) return { outcome: 'answered', response: known.response as Response };
  const response = await run();
  if (isFinal(response)) await keys.keep(use, response);
  return { outcome: 'answered', response };
}

export function createMemoryKeys(): IdempotencyKeys {
  const known = new Map<string, { requestHash: string; response: unknown }>();
  const name = ({ principal, key }: Pick<KeyUse, 'principal' | 'key'>) => JSON.stringify([principal, key]);
  return {
    claim: async (use) => {
      const found = known.get(name(use)) ?? { requestHash: use.requestHash, response: null };
      known.set(name(use), found);
      return found;
    },
    keep: async (use, response) => {
      const found = known.get(name(use));
      if (found !== undefined && found.response === null) known.set(name(use), { ...found, response });
    },
    forget: async () => undefined,
  };
}

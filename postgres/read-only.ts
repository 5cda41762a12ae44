import type { EngineStore, ObjectStore } from '../reconciler/store.ts';

/**
 * The store of an instance that is older than the database lets write: it answers every question, claims nothing and refuses every
 * change, so that a rolling upgrade can never have old code spoil new data.
 */
export function readOnlyStore(
  store: EngineStore & ObjectStore,
  { version, minWriter }: { version: number; minWriter: number },
): EngineStore & ObjectStore {
  const refuse = async (): Promise<never> => {
    throw new Error(
      `This instance is too old to write to the database, which has version ${version} and wants writers of version ${minWriter} at least. Upgrade it; until then it only reads.`,
    );
  };
  return {
    ...store,
    claim: async () => [],
    renew: async (claims) => new Set(claims.map(({ uid }) => uid)),
    complete: async (completions) => completions.map(() => 'fenced' as const),
    reserve: async (reservations) => reservations.map(() => ({ outcome: 'fenced' as const })),
    wake: async () => undefined,
    wakePlace: async () => undefined,
    write: refuse,
    setCapacity: refuse,
    cover: refuse,
    savePlan: refuse,
    setValue: refuse,
  };
}

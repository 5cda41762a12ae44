import type { ObjectStore } from '../../reconciler/store.ts';
import type { SettingFact } from '../../resources/support/setting/facts.ts';

/** The history of settings where state ends with the process: noted with each write, as the database does it. */
export function createMemorySettingFacts(now: () => number) {
  const facts: SettingFact[] = [];
  return {
    facts: async (uid: string | null) => facts.filter((fact) => uid === null || fact.uid === uid),
    noting:
      (write: ObjectStore['write']): ObjectStore['write'] =>
      async (writes, principal) => {
        const outcome = await write(writes, principal);
        for (const { kind, metadata, spec } of outcome.ok ? outcome.objects : [])
          if (kind === 'Setting')
            facts.push({
              at: now(),
              uid: metadata.uid,
              name: metadata.name,
              generation: metadata.generation,
              actor: principal.actor,
              onBehalfOf: principal.onBehalfOf,
              spec,
              deletedAt: metadata.deletedAt === null ? null : Date.parse(metadata.deletedAt),
              approve: metadata.requests.approve ?? null,
            });
        return outcome;
      },
  };
}

import { join } from 'node:path';
import { createHostGuard } from '../../integrations/content/host-guard.ts';
import type { Vault } from '../../integrations/seal/seal.ts';
import { applyToStore } from '../../manifests/apply-to-store.ts';
import { createGitSource } from '../../manifests/git.ts';
import { createSources, type Sources } from '../../manifests/source.ts';
import type { Admission } from '../../reconciler/admission/apply.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import type { Registry } from '../../reconciler/registry.ts';
import type { LastSync } from '../../resources/ports.ts';
import { REGISTRY } from '../../resources/registry.ts';
import type { FirstObjects } from './bootstrap.ts';
import { systemClock } from './environment.ts';

/** The adapter behind Source objects: folders that the configuration names, and Git. What a sync came to is kept in the store. */
export function openSources(parts: {
  dataDir: string;
  first: FirstObjects;
  allowedHosts: readonly string[];
  admission: Admission;
  vault: Vault;
  changed(sourceUid: string): void;
}): Sources {
  const { store } = parts.admission;
  const name = (uid: string) => `source/${uid}`;
  return createSources({
    registry: REGISTRY as Registry,
    apply: applyToStore(parts.admission),
    git: createGitSource({
      cacheFolder: join(parts.dataDir, 'git'),
      clock: systemClock,
      addressOf: createHostGuard(parts.allowedHosts),
    }),
    clock: systemClock,
    folders: parts.first.folders.map(({ path }) => path),
    open: parts.vault.open,
    memory: {
      get: async (uid) => ((await store.getValue(name(uid))) as unknown as LastSync | undefined) ?? null,
      set: (uid, last) => store.setValue(name(uid), last as unknown as JsonObject),
    },
    changed: parts.changed,
  });
}

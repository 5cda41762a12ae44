import { reason } from '../../../reconciler/json.ts';
import type { Act } from '../../../reconciler/kind.ts';
import { actResult } from '../../act-result.ts';
import type { Ports } from '../../ports.ts';
import { typed } from '../../typed.ts';
import type { SourceSpec, SourceStatus } from './kind.ts';
import { locationOf } from './location.ts';

/** A clone may take its time; it ends when the signal aborts. */
const SYNC_DEADLINE_MS = 120_000;

export const sourceActs: Readonly<Record<string, Act<Ports>>> = {
  sync: {
    deadlineMs: SYNC_DEADLINE_MS,
    run: async ({ ports, object, refs, signal }) => {
      const source = typed<SourceSpec, SourceStatus>(object);
      const location = source ? locationOf(source, refs) : null;
      if (!source || location === null)
        return { ok: false, reason: reason('Invalid', { verb: 'sync', message: 'it names no place' }), retry: 'never' };
      const { uid, name, project, generation } = source.metadata;
      const { prune, allowEmpty } = source.spec;
      const request = { sourceUid: uid, sourceName: `${project}/${name}`, generation, project: project ?? 'default' };
      // Errors in manifests are no failure of the step: they are what the next look reports.
      return actResult('sync', await ports.sources.sync({ ...request, location, prune, allowEmpty }, { signal }));
    },
  },
};

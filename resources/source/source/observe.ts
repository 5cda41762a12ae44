import type { PortError } from '../../../hypervisor/port.ts';
import type { ObserveInput } from '../../../reconciler/kind.ts';
import { nothingSeen, type Observation } from '../../../reconciler/observation.ts';
import type { LastSync, Ports } from '../../ports.ts';
import type { SourceSpec, SourceStatus } from './kind.ts';
import { locationOf } from './location.ts';

export interface SourceSight {
  /** Where it stands now; null when it cannot be read. */
  revision: string | null;
  error: PortError | null;
  last: LastSync | null;
}

/** A source is no place that something of ours could be at; it only needs a name to be reported under. */
const SOURCE = 'source';

/** Looks where the source stands, and what its last sync came to. */
export async function observeSource(
  ports: Ports,
  { object, refs, now }: ObserveInput<SourceSpec, SourceStatus>,
): Promise<Observation<SourceSight>> {
  const location = locationOf(object, refs);
  if (object.metadata.deletedAt !== null || location === null) return nothingSeen(now);
  const last = await ports.sources.last(object.metadata.uid);
  const seen = (sight: Omit<SourceSight, 'last'>): Observation<SourceSight> => ({
    sightings: [{ place: SOURCE, owned: true, state: { ...sight, last } }],
    silent: [],
    asOf: now,
  });
  if (object.spec.suspend) return seen({ revision: null, error: null });
  const answer = await ports.sources.revision(location);
  return answer.ok
    ? seen({ revision: answer.value.revision, error: null })
    : seen({ revision: null, error: answer.error });
}

import { type Reason, reason } from '../../../reconciler/json.ts';
import type { PlanInput } from '../../../reconciler/kind.ts';
import { type Plan, step } from '../../../reconciler/plan.ts';
import type { SourceSpec, SourceStatus } from './kind.ts';
import type { SourceSight } from './observe.ts';

export type SourceInput = PlanInput<SourceSpec, SourceStatus, SourceSight>;

/** An unchanged source is applied again this often: what somebody deleted by hand comes back. */
const COMPARE_MS = 600_000;

/** A sync is due when the source moved, its own wish changed, errors may have gone, or nobody compared for long. */
export function planSource(input: SourceInput): Plan {
  const sight = input.observed.sightings[0]?.state;
  if (input.deleting || input.object.spec.suspend || sight === undefined) return { steps: [] };
  const retryMs = input.object.spec.intervalSeconds * 1000;
  if (sight.revision === null)
    return { waiting: reason('SourceUnavailable', { message: sight.error?.message ?? '' }), afterMs: retryMs };
  const why = syncDue(input, sight.revision);
  if (why) return { steps: [step('sync', { revision: sight.revision }, { why, place: null })] };
  const refused = refusal(sight);
  return refused ? { waiting: refused, afterMs: retryMs } : { steps: [] };
}

function syncDue({ object, observed, now }: SourceInput, revision: string): Reason | null {
  const last = observed.sightings[0]?.state.last;
  if (!last) return reason('FirstSync');
  if (last.report.revision !== revision)
    return reason('NewRevision', { from: last.report.revision.slice(0, 12), to: revision.slice(0, 12) });
  if (last.generation !== object.metadata.generation) return reason('WishChanged');
  const age = now - last.at;
  if (last.report.errors.length > 0) return age >= object.spec.intervalSeconds * 1000 ? reason('RetryDue') : null;
  return age >= COMPARE_MS ? reason('CheckDue') : null;
}

/** What the last sync refused, first error first; null when all is well. */
export function refusal(sight: SourceSight): Reason | null {
  const errors = sight.last?.report.errors ?? [];
  const [first] = errors;
  if (!first) return null;
  const place = first.line === 0 ? first.file : `${first.file}:${first.line}:${first.column}`;
  return reason('ManifestsRefused', { count: errors.length, first: `${place}: ${first.message}` });
}

import { iso } from '../../../reconciler/clock.ts';
import { reason } from '../../../reconciler/json.ts';
import type { ConditionReport, Report } from '../../../reconciler/kind.ts';
import type { LastSync } from '../../ports.ts';
import type { SourceStatus } from './kind.ts';
import { refusal, type SourceInput } from './plan.ts';

const ERRORS_SHOWN = 20;

/** Pure: what was seen → status fields and conditions. */
export function reportSource(input: SourceInput): Report<SourceStatus> {
  const sight = input.observed.sightings[0]?.state;
  if (!sight) return { status: {}, conditions: [] };
  return {
    status: { ...(sight.revision !== null && { available: sight.revision }), ...(sight.last && synced(sight.last)) },
    conditions: [fetched(input), applied(input)],
  };
}

function synced({ at, report }: LastSync): Partial<SourceStatus> {
  return {
    revision: report.revision,
    syncedAt: iso(at),
    files: report.files,
    objects: report.applied + report.unchanged,
    changed: report.applied,
    pruned: report.pruned,
    errors: report.errors.slice(0, ERRORS_SHOWN),
    errorCount: report.errors.length,
  };
}

function fetched({ object, observed }: SourceInput): ConditionReport {
  const sight = observed.sightings[0]?.state;
  if (object.spec.suspend) return { type: 'Fetched', status: 'True', reason: reason('Suspended') };
  if (sight?.revision)
    return { type: 'Fetched', status: 'True', reason: reason('Fetched', { revision: sight.revision.slice(0, 12) }) };
  return {
    type: 'Fetched',
    status: 'False',
    reason: reason('SourceUnavailable', { message: sight?.error?.message ?? '' }),
  };
}

function applied({ object, observed }: SourceInput): ConditionReport {
  const sight = observed.sightings[0]?.state;
  const refused = sight ? refusal(sight) : null;
  if (refused) return { type: 'Applied', status: 'False', reason: refused };
  const last = sight?.last;
  const current = last && (object.spec.suspend || sight.revision === null || last.report.revision === sight.revision);
  if (!current)
    return { type: 'Applied', status: 'False', reason: reason(object.spec.suspend ? 'Suspended' : 'NotYetApplied') };
  const objects = last.report.applied + last.report.unchanged;
  return { type: 'Applied', status: 'True', reason: reason('Applied', { objects }) };
}

import { iso } from '../../../reconciler/clock.ts';
import { type Reason, reason } from '../../../reconciler/json.ts';
import type { ConditionReport, Report } from '../../../reconciler/kind.ts';
import { snapshotFileName } from '../names.ts';
import type { VolumeSnapshotStatus } from './kind.ts';
import { lost, type SnapshotInput, silence } from './plan.ts';

export function reportVolumeSnapshot(input: SnapshotInput): Report<VolumeSnapshotStatus> {
  const { object, claims, observed } = input;
  const seen = observed.sightings[0]?.state;
  const { pool, poolUid } = claims?.chosen ?? {};
  const where = poolUid === undefined ? {} : { pool, poolUid, file: snapshotFileName(object.metadata) };
  if (!seen?.whole) return { status: where, conditions: [missing(input)] };
  const { sizeGiB, allocatedGiB } = seen;
  const takenAt = object.status.takenAt ?? iso(input.now);
  return { status: { ...where, sizeGiB, allocatedGiB, takenAt }, conditions: [taken('True', reason('SnapshotThere'))] };
}

function missing(input: SnapshotInput): ConditionReport {
  const away = silence(input, input.claims?.places[0]);
  if (away) return taken('Unknown', away);
  const isLost = !input.deleting && input.object.status.takenAt !== undefined;
  return taken('False', isLost ? lost(input) : reason('SnapshotMissing'));
}

function taken(status: ConditionReport['status'], why: Reason): ConditionReport {
  return { type: 'Taken', status, reason: why };
}

import { type Reason, reason } from '../../../reconciler/json.ts';
import type { PlanInput } from '../../../reconciler/kind.ts';
import { type Plan, step } from '../../../reconciler/plan.ts';
import { typed } from '../../typed.ts';
import { snapshotFileName } from '../names.ts';
import type { VolumeSpec, VolumeStatus } from '../volume/kind.ts';
import type { VolumeSnapshotSpec, VolumeSnapshotStatus } from './kind.ts';
import type { SnapshotState } from './observe.ts';

export type SnapshotInput = PlanInput<VolumeSnapshotSpec, VolumeSnapshotStatus, SnapshotState>;

const RETRY_MS = 10_000;

/** Taken once. What was lost is never taken again: the volume has gone on, and that would be another instant under the same name. */
export function planVolumeSnapshot(input: SnapshotInput): Plan {
  const { bindings, observed, deleting, object } = input;
  const [binding] = bindings;
  if (!binding) return { steps: [] };
  const poolUid = binding.place;
  const away = silence(input, poolUid);
  if (away) return waiting(away);
  const seen = observed.sightings.length > 0;
  const name = snapshotFileName(object.metadata);
  if (deleting) {
    return { steps: seen ? [step('remove', { poolUid, name }, { why: reason('Deleting'), place: poolUid })] : [] };
  }
  if (seen) return { steps: [] };
  return object.status.takenAt === undefined ? planCopy(input, { poolUid, name }) : { invalid: lost(input) };
}

/** The pool's silence, or null. A host that is away from a pool which others see says nothing about a file. */
export function silence({ observed, claims }: SnapshotInput, poolUid: string | undefined): Reason | null {
  const away = observed.silent.find(({ place }) => place === poolUid);
  if (!away) return null;
  return reason('PlaceSilent', { place: claims?.chosen.pool ?? away.place, code: away.message ?? away.code });
}

export function lost({ object, claims }: SnapshotInput): Reason {
  return reason('SnapshotLost', { name: object.metadata.name, pool: claims?.chosen.pool ?? '' });
}

function planCopy(input: SnapshotInput, { poolUid, name }: { poolUid: string; name: string }): Plan {
  const { object, refs } = input;
  const volume = typed<VolumeSpec, VolumeStatus>(refs.at('/volume'));
  // A volume that leaves before it was made has a name for its file, but none will ever be there.
  const there = volume?.status.provisioned === true && volume.status.poolUid === poolUid;
  const from = there ? volume.status.file : undefined;
  if (!volume || from === undefined) return waiting(reason('VolumeNotThere', { volume: object.spec.volume }));
  const ready = object.status.conditions.find(({ type }) => type === 'Ready');
  // Trying again makes a file and throws it away: it is only done once the machine has let go.
  if (ready?.reason === 'WaitingForStop' && volume.status.attachedTo?.running) {
    return waiting(reason(ready.reason, ready.params));
  }
  return { steps: [step('copy', { poolUid, name, from }, { why: reason('SnapshotMissing'), place: poolUid })] };
}

function waiting(why: Reason): Plan {
  return { waiting: why, afterMs: RETRY_MS };
}

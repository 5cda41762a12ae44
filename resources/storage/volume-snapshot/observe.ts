import type { ObserveInput } from '../../../reconciler/kind.ts';
import { nothingSeen, type Observation } from '../../../reconciler/observation.ts';
import type { Ports } from '../../ports.ts';
import { isLeaving } from '../leaving.ts';
import { snapshotFileName, unfinished } from '../names.ts';
import { askPool } from '../pool-reach.ts';
import type { VolumeSnapshotSpec, VolumeSnapshotStatus } from './kind.ts';

export interface SnapshotState {
  sizeGiB: number;
  allocatedGiB: number;
  /** False: only what somebody began to copy is left. Seen on the way out alone. */
  whole: boolean;
}

const GIB = 1024 ** 3;

/** A copy carries its final name only when it is complete, so a file that is seen is a snapshot that was taken. */
export async function observeVolumeSnapshot(
  ports: Ports,
  { object, bindings, now }: ObserveInput<VolumeSnapshotSpec, VolumeSnapshotStatus>,
): Promise<Observation<SnapshotState>> {
  const [binding] = bindings;
  if (!binding) return nothingSeen(now);
  const { place: poolUid } = binding;
  const name = snapshotFileName(object.metadata);
  const names = isLeaving(object, now) ? [name, unfinished(name)] : [name];
  const { answers, silent } = await askPool(ports, poolUid, (host) => host.volumes.sight({ poolUid, names }));
  const seen = answers.flatMap(({ value }) => value).filter((volume) => names.includes(volume.name));
  const file = seen.find((volume) => volume.name === name) ?? seen[0];
  const state = file && {
    sizeGiB: Math.ceil(file.capacityBytes / GIB),
    allocatedGiB: Math.ceil(file.allocatedBytes / GIB),
    whole: file.name === name,
  };
  return { sightings: state ? [{ place: poolUid, owned: true, state }] : [], silent, asOf: now };
}

import type { ObserveInput, Refs } from '../../../reconciler/kind.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import { nothingSeen, type Observation } from '../../../reconciler/observation.ts';
import type { Ports } from '../../ports.ts';
import { typed } from '../../typed.ts';
import type { ImageSpec, ImageStatus } from '../image/kind.ts';
import { isLeaving } from '../leaving.ts';
import { imageFileName, unfinished } from '../names.ts';
import { askPool } from '../pool-reach.ts';
import type { ImageCopySpec, ImageCopyStatus } from './kind.ts';

export interface CopyState {
  capacityBytes: number;
  /** Uids of machines that have it as a disk, such as an ISO in a drive. */
  attachedTo: string[];
  /** False: only what somebody began to copy is left. Seen on the way out alone. */
  whole: boolean;
}

/** A copy carries its final name only when it is complete, so a file that is seen is a copy that is done. */
export async function observeImageCopy(
  ports: Ports,
  { object, refs, bindings, now }: ObserveInput<ImageCopySpec, ImageCopyStatus>,
): Promise<Observation<CopyState>> {
  const [binding] = bindings;
  const name = copyFile({ object, refs });
  if (!binding || name === null) return nothingSeen(now);
  const { place: poolUid } = binding;
  const names = isLeaving(object, now) ? [name, unfinished(name)] : [name];
  const { answers, silent } = await askPool(ports, poolUid, (host) => host.volumes.sight({ poolUid, names }));
  // On the way out an unfinished file is something that is left, too.
  const seen = answers.flatMap(({ value }) => value).filter((volume) => names.includes(volume.name));
  const there = seen.find((volume) => volume.name === name);
  const first = there ?? seen[0];
  const attachedTo = [...new Set(seen.flatMap((volume) => volume.attachedTo?.machineUid ?? []))];
  const state = first && { capacityBytes: first.capacityBytes, attachedTo, whole: there !== undefined };
  return { sightings: state ? [{ place: poolUid, owned: true, state }] : [], silent, asOf: now };
}

/** Name of the copy's file; what was reported counts when the image is not there any more. */
export function copyFile(input: { object: StoredObject<ImageCopySpec, ImageCopyStatus>; refs: Refs }): string | null {
  const image = typed<ImageSpec, ImageStatus>(input.refs.at('/image'));
  if (image) return imageFileName({ uid: image.metadata.uid, format: image.spec.format });
  return input.object.status.file ?? null;
}

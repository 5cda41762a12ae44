import { type Reason, reason } from '../../../reconciler/json.ts';
import type { PlanInput, Refs } from '../../../reconciler/kind.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import type { Child } from '../../../reconciler/plan.ts';
import { typed } from '../../typed.ts';
import type { ImageSpec, ImageStatus } from '../image/kind.ts';
import { copyChild } from '../image-copy-child.ts';
import { type DiskFormat, diskFormatOf, imageFileName } from '../names.ts';
import type { VolumeSnapshotSpec, VolumeSnapshotStatus } from '../volume-snapshot/kind.ts';
import type { VolumeSpec, VolumeStatus } from './kind.ts';

/** The file in the pool that a new volume is a copy of, or why it cannot be copied yet; and the children that bring it there. */
export type Origin = { children: Child[] } & ({ file: string; format: DiskFormat } | { waiting: Reason });

type Input = Pick<PlanInput<VolumeSpec, VolumeStatus, unknown>, 'object' | 'refs' | 'claims' | 'children'>;
type SnapshotFile = { file: string; format: 'qcow2' } | { waiting: Reason };

/** Null for a volume that starts empty. */
export function originOf(input: Input, poolUid: string): Origin | null {
  const { image, snapshot } = input.object.spec;
  if (image !== undefined) return imageOrigin(input, { image, poolUid });
  return snapshot === undefined ? null : { ...snapshotFile(input.refs, snapshot), children: [] };
}

/** The copy belongs to the image, so that all volumes of the pool share it. */
function imageOrigin(input: Input, { image: name, poolUid }: { image: string; poolUid: string }): Origin {
  const image = typed<ImageSpec, ImageStatus>(input.refs.at('/image'));
  if (!image) return { waiting: reason('ImageGone', { image: name }), children: [] };
  const pool = input.claims?.chosen.pool ?? '';
  const child = copyChild(image, { poolUid, pool });
  const { format } = image.spec;
  const file = imageFileName({ uid: image.metadata.uid, format });
  const notReady = whyNot(input.children[child.key]);
  if (notReady === null) return { file, format: diskFormatOf(format), children: [child] };
  const params = { image: image.metadata.name, pool, why: notReady };
  return { waiting: reason('ImageCopyPending', params), children: [child] };
}

/** In the same pool: the volume is placed there for its sake. Also of a snapshot that is being deleted, since that waits until the volume is there. */
export function snapshotFile(refs: Refs, name: string): SnapshotFile {
  const snapshot = typed<VolumeSnapshotSpec, VolumeSnapshotStatus>(refs.at('/snapshot'));
  if (!snapshot) return { waiting: reason('SnapshotGone', { snapshot: name }) };
  const { file, takenAt } = snapshot.status;
  if (file !== undefined && takenAt !== undefined) return { file, format: 'qcow2' };
  const why = whyNot(snapshot as unknown as StoredObject) ?? 'Pending';
  return { waiting: reason('SnapshotPending', { snapshot: name, why }) };
}

function whyNot(object: StoredObject | undefined): string | null {
  const ready = object?.status.conditions.find((condition) => condition.type === 'Ready');
  return ready?.status === 'True' ? null : (ready?.reason ?? 'Pending');
}

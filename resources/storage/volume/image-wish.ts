import { type Reason, reason } from '../../../reconciler/json.ts';
import type { PlanInput } from '../../../reconciler/kind.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import type { Child } from '../../../reconciler/plan.ts';
import { typed } from '../../typed.ts';
import type { ImageSpec, ImageStatus } from '../image/kind.ts';
import { copyChild } from '../image-copy-child.ts';
import { type DiskFormat, diskFormatOf, imageFileName } from '../names.ts';

/** The copy of an image that a volume starts from: the child that makes it, and the file once it is there. */
export type ImageWish = { child: Child; file: string; format: DiskFormat } & (
  | { ready: true }
  | { ready: false; why: Reason }
);

/** Null for a volume without an image. The copy belongs to the image, so that all volumes of the pool share it. */
export function copyOf(input: {
  image: StoredObject | undefined;
  poolUid: string;
  pool: string;
  children: PlanInput<unknown, unknown, unknown>['children'];
}): ImageWish | null {
  const image = typed<ImageSpec, ImageStatus>(input.image);
  if (!image) return null;
  const child = copyChild(image, input);
  const { format } = image.spec;
  const wish = { child, file: imageFileName({ uid: image.metadata.uid, format }), format: diskFormatOf(format) };
  const ready = input.children[child.key]?.status.conditions.find((condition) => condition.type === 'Ready');
  if (ready?.status === 'True') return { ...wish, ready: true };
  const params = { image: image.metadata.name, pool: input.pool, why: ready?.reason ?? 'Pending' };
  return { ...wish, ready: false, why: reason('ImageCopyPending', params) };
}

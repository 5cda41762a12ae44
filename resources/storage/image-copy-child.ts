import type { StoredObject } from '../../reconciler/object.ts';
import type { Child } from '../../reconciler/plan.ts';
import type { ImageSpec, ImageStatus } from './image/kind.ts';
import { imageCopyName } from './names.ts';

/** The ImageCopy that a pool needs, as a child of the image: whoever needs it plans it, and the same one comes of it. */
export function copyChild(
  image: StoredObject<ImageSpec, ImageStatus>,
  { pool, poolUid }: { pool: string; poolUid: string },
): Child {
  const { uid, name, project } = image.metadata;
  return {
    key: `copy/${poolUid}`,
    kind: 'ImageCopy',
    name: imageCopyName({ imageUid: uid, poolUid }),
    project,
    spec: { image: name, pool },
    ownerUid: uid,
  };
}

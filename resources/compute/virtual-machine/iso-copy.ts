import { type Reason, reason } from '../../../reconciler/json.ts';
import type { Child } from '../../../reconciler/plan.ts';
import type { ImageSpec, ImageStatus } from '../../storage/image/kind.ts';
import { imageCopyName, imageFileName } from '../../storage/names.ts';
import { typed } from '../../typed.ts';
import type { MachineInput } from './plan.ts';

/** The copy of a machine's ISO in a pool of its host: the child that makes it, and the file once it is there. */
export type IsoCopy = { child: Child; file: string } & ({ ready: true } | { ready: false; why: Reason });

/** Null without an ISO. The copy belongs to the image, so that all machines of the pool share it. */
export function isoCopy({ refs, claims, children }: MachineInput): IsoCopy | null {
  const image = typed<ImageSpec, ImageStatus>(refs.at('/cdrom'));
  const { filesPool: poolUid, filesPoolName: pool } = claims?.chosen ?? {};
  if (!image || poolUid === undefined || pool === undefined) return null;
  const { uid, name, project } = image.metadata;
  const key = `copy/${poolUid}`;
  const child: Child = {
    key,
    kind: 'ImageCopy',
    name: imageCopyName({ imageUid: uid, poolUid }),
    project,
    spec: { image: name, pool },
    ownerUid: uid,
  };
  const file = imageFileName({ uid, format: image.spec.format });
  const ready = children[key]?.status.conditions.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True') return { child, file, ready: true };
  return {
    child,
    file,
    ready: false,
    why: reason('ImageCopyPending', { image: name, pool, why: ready?.reason ?? 'Pending' }),
  };
}

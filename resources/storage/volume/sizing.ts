import { type Reason, reason } from '../../../reconciler/json.ts';
import type { Refs } from '../../../reconciler/kind.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import { typed } from '../../typed.ts';
import type { DiskOfferingSpec } from '../disk-offering/kind.ts';
import type { ImageSpec, ImageStatus } from '../image/kind.ts';
import { requiredGiB } from '../image-size.ts';
import type { VolumeSnapshotSpec, VolumeSnapshotStatus } from '../volume-snapshot/kind.ts';
import type { VolumeSpec, VolumeStatus } from './kind.ts';

export const GIB = 1024 ** 3;
const DEFAULT_GIB = 10;

export type Size = { sizeGiB: number } | { refused: Reason };

interface Wishes {
  spec: Pick<VolumeSpec, 'sizeGiB'>;
  offering: DiskOfferingSpec | undefined;
  /** Smallest disk that what it starts from fits on; null without that, or while it is not known. */
  imageGiB: number | null;
}

/** How big a volume is to be: what is written, within what the offering allows, and never smaller than its image. Pure. */
export function sizeOf(wishes: Wishes): Size {
  const { spec, offering } = wishes;
  const imageGiB = wishes.imageGiB ?? 1;
  const sizeGiB = spec.sizeGiB ?? offering?.sizeGiB ?? unsaid(wishes);
  if (offering?.sizeGiB !== undefined && sizeGiB !== offering.sizeGiB) {
    return { refused: reason('SizeIsFixed', { sizeGiB, fixedGiB: offering.sizeGiB }) };
  }
  const [min, max] = [offering?.minGiB ?? 1, offering?.maxGiB ?? Number.POSITIVE_INFINITY];
  if (sizeGiB < min || sizeGiB > max) {
    return { refused: reason('SizeNotOffered', { sizeGiB, minGiB: min, maxGiB: Math.min(max, 65_536) }) };
  }
  return sizeGiB < imageGiB ? { refused: reason('SmallerThanImage', { sizeGiB, imageGiB }) } : { sizeGiB };
}

function unsaid({ offering, imageGiB }: Wishes): number {
  const wanted = Math.max(imageGiB ?? DEFAULT_GIB, offering?.minGiB ?? 1);
  return imageGiB === null ? Math.min(wanted, offering?.maxGiB ?? wanted) : wanted;
}

/** The size of a Volume from what it is, and what it refers to. */
export function wishedSize(object: StoredObject<VolumeSpec, VolumeStatus>, refs: Refs): Size {
  const { spec } = object;
  const image = typed<ImageSpec, ImageStatus>(refs.at('/image'));
  if (image?.spec.format === 'iso') return { refused: reason('ImageIsIso', { image: image.metadata.name }) };
  const offering = typed<DiskOfferingSpec, object>(refs.at('/offering'))?.spec;
  if (spec.snapshot !== undefined) return sizeOfCopy(object, { refs, offering });
  return sizeOf({ spec, offering, imageGiB: image ? requiredGiB(image) : null });
}

/** A snapshot counts until the volume is there. Then it may go, or another take its name, and the volume keeps the size that it has. */
function sizeOfCopy(
  { spec, status }: StoredObject<VolumeSpec, VolumeStatus>,
  { refs, offering }: { refs: Refs; offering: DiskOfferingSpec | undefined },
): Size {
  if (status.provisioned) {
    const sizeGiB = spec.sizeGiB ?? (offering?.sizeGiB === undefined ? status.sizeGiB : undefined);
    return sizeOf({ spec: { sizeGiB }, offering, imageGiB: null });
  }
  const snapshot = typed<VolumeSnapshotSpec, VolumeSnapshotStatus>(refs.at('/snapshot'));
  const imageGiB = snapshot?.status.sizeGiB ?? null;
  const size = sizeOf({ spec, offering, imageGiB });
  if (!('refused' in size) || size.refused.code !== 'SmallerThanImage') return size;
  return {
    refused: reason('SmallerThanSnapshot', { sizeGiB: size.refused.params.sizeGiB ?? 0, snapshotGiB: imageGiB ?? 0 }),
  };
}

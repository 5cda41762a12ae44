/**
 * Names of files in pools. Pools do not keep metadata of their volumes, so ownership is read off the name: a volume is
 * `<uid>.qcow2` (later replacements `<uid>.<incarnation>.qcow2`), a pool's copy of an image is `<image uid>.image.qcow2`,
 * a snapshot `<uid>.snapshot.qcow2`.
 */

export type DiskFormat = 'qcow2' | 'raw';
export type ImageFormat = DiskFormat | 'iso';

const UID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const VOLUME = new RegExp(`^(${UID})(?:\\.([1-9]\\d{0,8}))?\\.(?:qcow2|raw)$`);
const SNAPSHOT = new RegExp(`^(${UID})\\.snapshot\\.qcow2$`);
const IMAGE = new RegExp(`^(${UID})\\.image\\.(?:qcow2|raw|iso)$`);

export function volumeFileName(volume: { uid: string; incarnation: number; format: DiskFormat }): string {
  const stem = volume.incarnation === 0 ? volume.uid : `${volume.uid}.${volume.incarnation}`;
  return `${stem}.${volume.format}`;
}

/** Uid of the Volume whose file this is, or null. */
export function volumeUidOf(fileName: string): string | null {
  return VOLUME.exec(fileName)?.[1] ?? null;
}

/** One file for the whole life of a VolumeSnapshot: it is taken once. */
export function snapshotFileName({ uid }: { uid: string }): string {
  return `${uid}.snapshot.qcow2`;
}

/** Uid of the VolumeSnapshot whose file this is, or null. */
export function snapshotUidOf(fileName: string): string | null {
  return SNAPSHOT.exec(fileName)?.[1] ?? null;
}

/** What a file is called while it is being filled. Whoever was filling it may have ended; then only this is left of it. */
export function unfinished(fileName: string): string {
  return `${fileName}.part`;
}

/** The name that an unfinished file is to have, or the name itself. */
export function finished(fileName: string): string {
  return fileName.replace(/\.part$/, '');
}

/** The file is named by the image, not by the ImageCopy, so that whoever clones or attaches it can tell its name at once. */
export function imageFileName(image: { uid: string; format: ImageFormat }): string {
  return `${image.uid}.image.${image.format}`;
}

/** Uid of the Image whose copy this is, or null. */
export function imageUidOf(fileName: string): string | null {
  return IMAGE.exec(fileName)?.[1] ?? null;
}

/** An ISO is raw bytes to a hypervisor. */
export function diskFormatOf(format: ImageFormat): DiskFormat {
  return format === 'qcow2' ? 'qcow2' : 'raw';
}

/** Name of the ImageCopy object for an image in a pool. A UUIDv7's head is a clock, so only the tails tell two apart. */
export function imageCopyName(of: { imageUid: string; poolUid: string }): string {
  return `${of.imageUid.slice(-12)}-${of.poolUid.slice(-12)}`;
}

import type { ImageSpec, ImageStatus } from './image/kind.ts';

const GIB = 1024 ** 3;

/** Smallest disk in GiB that an image fits on: what its maker says and what the file says. Null while neither is known. */
export function requiredGiB(image: { spec: ImageSpec; status: Partial<ImageStatus> }): number | null {
  const { virtualBytes } = image.status;
  const fromFile = virtualBytes === undefined || virtualBytes === null ? 0 : Math.ceil(virtualBytes / GIB);
  const required = Math.max(image.spec.minDiskGiB ?? 0, fromFile);
  return required === 0 ? null : required;
}

/** How libvirt names things in calls, replies and events. A reference is data, not a handle: it may be stale at once. */

import { XdrError } from './errors.ts';
import { type Codec, int, mapped, string, struct, type ValueOf } from './xdr.ts';

const uuidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const uuidBytes: Codec<Buffer> = {
  write: (writer, value) => writer.fixedOpaque(value, 16),
  read: (reader) => reader.fixedOpaque(16),
};

/** A UUID: sixteen bytes on the wire, lower-case text with dashes here. */
export const uuid: Codec<string> = mapped(uuidBytes, uuidToBytes, uuidFromBytes);

/** A domain. `id` is -1 unless it runs; libvirt finds the domain by `uuid`, so the other two may be stale in arguments. */
export const domainRef = struct({ name: string(), uuid, id: int });
export type DomainRef = ValueOf<typeof domainRef>;

export const networkRef = struct({ name: string(), uuid });
export type NetworkRef = ValueOf<typeof networkRef>;

export const storagePoolRef = struct({ name: string(), uuid });
export type StoragePoolRef = ValueOf<typeof storagePoolRef>;

/** A volume: its pool's name, its own name, and its key (for a file, its path). */
export const storageVolumeRef = struct({ pool: string(), name: string(), key: string() });
export type StorageVolumeRef = ValueOf<typeof storageVolumeRef>;

function uuidToBytes(text: string): Buffer {
  if (!uuidShape.test(text)) throw new XdrError('a UUID must look like 01234567-89ab-cdef-0123-456789abcdef');
  return Buffer.from(text.replaceAll('-', ''), 'hex');
}

function uuidFromBytes(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

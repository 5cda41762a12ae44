/** What a qcow2 header says that matters before the file is let near a host. Layout: QEMU's docs/interop/qcow2.rst; numbers are big-endian. */
export interface Qcow2Header {
  version: number;
  /** Size of the disk in bytes. */
  virtualBytes: number;
  /** It reads other files of the host: a backing file or an external data file. */
  refersToOtherFiles: boolean;
  encrypted: boolean;
}

const MAGIC = 0x514649fb;
const V2_BYTES = 72;
const V3_BYTES = 104;
const EXTERNAL_DATA_FILE = 4n;

/** Null if these bytes do not begin a qcow2 file; `cut` if they do and end too early to tell. */
export function parseQcow2Header(head: Uint8Array): Qcow2Header | 'cut' | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.byteLength < 4 || view.getUint32(0) !== MAGIC) return null;
  if (head.byteLength < V2_BYTES) return 'cut';
  const version = view.getUint32(4);
  if (version >= 3 && head.byteLength < V3_BYTES) return 'cut';
  const features = version >= 3 ? view.getBigUint64(72) : 0n;
  return {
    version,
    virtualBytes: Number(view.getBigUint64(24)),
    refersToOtherFiles: view.getBigUint64(8) !== 0n || (features & EXTERNAL_DATA_FILE) !== 0n,
    encrypted: view.getUint32(32) !== 0,
  };
}

const ISO_MARK_AT = 0x8001;
const ISO_MARK = 'CD001';

/** How many bytes of a file `formatOf` wants to see. */
export const HEAD_BYTES = ISO_MARK_AT + ISO_MARK.length;

/** Told by the marks in the file; raw is what has none. */
export function formatOf(head: Uint8Array): 'qcow2' | 'iso' | 'raw' {
  if (parseQcow2Header(head) !== null) return 'qcow2';
  const mark = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1', ISO_MARK_AT, HEAD_BYTES);
  return mark === ISO_MARK ? 'iso' : 'raw';
}

/** Why a file that begins so must not be used as an image, or null. */
export function refusalOf(head: Uint8Array): string | null {
  const header = parseQcow2Header(head);
  if (header === null) return null;
  if (header === 'cut') return 'it begins like qcow2 and ends within its header';
  if (header.refersToOtherFiles)
    return 'it refers to another file (a backing or data file), which could be any file of the host';
  if (header.encrypted) return 'it is encrypted';
  if (header.version !== 2 && header.version !== 3) return `qcow2 version ${header.version} is not known`;
  return null;
}

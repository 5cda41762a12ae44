import { createHash } from 'node:crypto';
import type { VolumeAddress } from '../port.ts';
import type { HostState, VolumeContent, VolumeState } from './state.ts';

const MIB = 1_048_576;
/** What an empty qcow2 file takes. */
const EMPTY_QCOW2_BYTES = 196_624;

/** The volumes in the folder of a pool, or undefined when there is no such pool. */
export function folderOf(host: HostState, poolUid: string): Record<string, VolumeState> | undefined {
  const pool = host.pools[poolUid];
  return pool ? folderAt(host, pool.path) : undefined;
}

export function folderAt(host: HostState, path: string): Record<string, VolumeState> {
  host.folders[path] ??= {};
  return host.folders[path];
}

export function findVolume(host: HostState, address: VolumeAddress): VolumeState | undefined {
  return folderOf(host, address.poolUid)?.[address.name];
}

export function allocatedBytes(volume: VolumeState): number {
  if (volume.format === 'raw') return volume.capacityBytes;
  return Math.max(EMPTY_QCOW2_BYTES, volume.content?.bytes ?? 0);
}

export function availableBytes(host: HostState, path: string): number {
  const used = Object.values(folderAt(host, path)).reduce((sum, volume) => sum + allocatedBytes(volume), 0);
  return Math.max(0, host.storageMiB * MIB - used);
}

/** Takes content in piece by piece; keeps the bytes of small ones only, the hash and the size of all. */
export function createContentReader() {
  const hash = createHash('sha256');
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  return {
    take(piece: Uint8Array): void {
      hash.update(piece);
      bytes += piece.byteLength;
      if (bytes <= MIB) pieces.push(piece.slice());
      else pieces.length = 0;
    },
    get bytes() {
      return bytes;
    },
    finish(): VolumeContent {
      const base64 = bytes <= MIB ? Buffer.concat(pieces).toString('base64') : null;
      return { bytes, sha256: hash.digest('hex'), base64 };
    },
  };
}

/** The virtual size that a qcow2 header states, or null for anything else. */
export function qcow2Size(content: VolumeContent): number | null {
  const head = Buffer.from(content.base64?.slice(0, 64) ?? '', 'base64');
  if (head.length < 32 || head.readUInt32BE(0) !== 0x514649fb) return null;
  return Number(head.readBigUInt64BE(24));
}

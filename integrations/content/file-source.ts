import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';
import type { Result } from '../../hypervisor/port.ts';

export interface OpenFile {
  handle: FileHandle;
  bytes: number;
  revision: string;
}

/**
 * Opens a file that lies within one of the folders once every symbolic link is followed; close the handle. Relative paths are looked for
 * in each folder in turn. Devices, pipes and folders are refused.
 */
export async function openImageFile(path: string, folders: readonly string[]): Promise<Result<OpenFile>> {
  if (path.includes('\0')) return failed('Invalid', 'the path holds a zero byte');
  if (folders.length === 0) return failed('Invalid', 'no image folder is configured');
  for (const folder of folders) {
    const root = await real(folder);
    const found = root === null ? null : await real(isAbsolute(path) ? path : join(root, path));
    if (root === null || found === null) continue;
    if (found === root || !found.startsWith(root === sep ? root : root + sep)) continue;
    return openPlain(found);
  }
  // One answer for what is outside and what is not there, so that nobody can feel for files of the server.
  return failed('NotFound', `"${path}" is in none of the image folders`);
}

/** The bytes of a file that was opened, which is closed with them. One that was written to meanwhile is no file that anybody meant. */
export async function* piecesOf(
  { handle, revision }: OpenFile,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield* handle.createReadStream({ autoClose: false, ...(signal ? { signal } : {}) });
    if (revisionOf(await handle.stat()) !== revision) throw new Error('the file was written to while it was read');
  } finally {
    await handle.close();
  }
}

async function openPlain(path: string): Promise<Result<OpenFile>> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return failed('NotFound', `the file cannot be opened (${codeOf(error)})`);
  }
  const stat = await handle.stat();
  // Somebody may have put a link in the way between looking and opening.
  if (!stat.isFile() || (await real(path)) !== path) {
    await handle.close();
    return failed('Invalid', 'it is no plain file');
  }
  return { ok: true, value: { handle, bytes: stat.size, revision: revisionOf(stat) } };
}

function revisionOf({ mtimeMs, size }: { mtimeMs: number; size: number }): string {
  return `${Math.trunc(mtimeMs)}-${size}`;
}

async function real(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch {
    return null;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

function failed(code: 'Invalid' | 'NotFound', message: string): Result<never> {
  return { ok: false, error: { code, message } };
}

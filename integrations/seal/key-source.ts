import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { formatKeyRing, type KeyRing, parseKeyRing, rotated } from './key-ring.ts';

/** Where the key ring comes from. The first that is given counts. */
export interface KeySource {
  /** The ring itself, from the environment. */
  text?: string | undefined;
  /** A program and its arguments that print the ring, e.g. a client of a key service. No shell reads it. */
  command?: readonly string[];
  /** A file that only its owner may read; made with a first key when it is missing. */
  file: string;
}

const COMMAND_TIMEOUT_MS = 15_000;

export async function loadKeyRing({ text, command = [], file }: KeySource): Promise<KeyRing> {
  if (text !== undefined && text !== '') return parseKeyRing(text, 'STEWARD_SEALING_KEYS');
  const [program, ...args] = command;
  if (program !== undefined) return parseKeyRing(await printed(program, args), `The output of ${program}`);
  await createOnce(file);
  await refuseReadable(file);
  return parseKeyRing(await readFile(file, 'utf8'), `The key file ${file}`);
}

/** Adds a key to the file and makes it the one that seals. Written beside and moved over: a crash leaves the old file whole. */
export async function rotateKeyFile(file: string): Promise<KeyRing> {
  const ring = rotated(await loadKeyRing({ file }), randomBytes(32));
  await replaceKeyFile(file, ring);
  return ring;
}

export async function replaceKeyFile(file: string, ring: KeyRing): Promise<void> {
  const fresh = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(fresh, formatKeyRing(ring), { mode: 0o600, flag: 'wx', flush: true });
  await rename(fresh, file);
}

async function printed(program: string, args: readonly string[]): Promise<string> {
  try {
    const options = { timeout: COMMAND_TIMEOUT_MS, maxBuffer: 1_048_576 };
    return (await promisify(execFile)(program, [...args], options)).stdout;
  } catch (error) {
    // Its output may hold a key: only how it ended is told.
    const { code, killed } = error as { code?: unknown; killed?: boolean };
    throw new Error(`The command for the keys, ${program}, ${killed ? 'took too long' : `failed (${String(code)})`}.`);
  }
}

/** Whoever has the file can open every secret. */
async function refuseReadable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return;
  const shown = (mode & 0o777).toString(8);
  throw new Error(`The key file ${path} can be read by others (mode ${shown}). Run: chmod 600 ${path}`);
}

async function createOnce(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o711 });
  const keys = { k1: new Uint8Array(randomBytes(32)) };
  try {
    const text = formatKeyRing({ current: 'k1', keys, fingerprintKey: new Uint8Array(randomBytes(32)) });
    await writeFile(path, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

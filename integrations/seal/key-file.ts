import { randomBytes } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KeyRing } from './seal.ts';

interface KeyFile {
  current: string;
  keys: Record<string, string>;
}

/**
 * Reads the key ring from a JSON file `{current, keys: {id: base64}}`, making it at first use. A file that others may read is refused:
 * whoever has it can open every secret.
 */
export async function loadKeyRing(path: string): Promise<KeyRing> {
  await createOnce(path);
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) {
    throw new Error(
      `The key file ${path} can be read by others (mode ${(mode & 0o777).toString(8)}). Run: chmod 600 ${path}`,
    );
  }
  const file = JSON.parse(await readFile(path, 'utf8')) as KeyFile;
  const keys = Object.fromEntries(
    Object.entries(file.keys).map(([id, key]) => [id, new Uint8Array(Buffer.from(key, 'base64'))]),
  );
  return { current: file.current, keys };
}

async function createOnce(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o711 });
  const file: KeyFile = { current: 'k1', keys: { k1: randomBytes(32).toString('base64') } };
  try {
    await writeFile(path, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

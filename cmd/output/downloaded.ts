import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Io } from '../io.ts';

/** What came down goes into the file that was named, else to the output: what is no text is never put onto a terminal. */
export async function writeDownload(io: Io, content: Uint8Array, target: string | undefined): Promise<void> {
  if (target === undefined) return io.out(Buffer.from(content).toString('utf8'));
  await writeFile(resolve(io.cwd, target), content);
  io.err(`${target} written, ${content.length} bytes\n`);
}

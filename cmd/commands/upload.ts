import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { createRestClient } from '../client/rest.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { openSession } from '../session.ts';

/** `steward upload FILE`: puts an image file into the server's upload folder, where Images find it by its name. */
export function addUpload(program: Command, io: Io): void {
  program
    .command('upload')
    .description('put an image file into the server’s upload folder, whole or not at all')
    .argument('<file>', 'file on this machine')
    .option('--name <name>', 'name it gets there (default: its own)')
    .action(async (file: string, options: { name?: string }, command: Command) => {
      const { endpoint } = openSession(io, command).client;
      const path = resolve(io.cwd, file);
      const { checksum, format } = await readThrough(path);
      const name = options.name ?? basename(path);
      const answer = await createRestClient(endpoint).upload(path, { name, checksum });
      if (!answer.ok) throw new CliError(answer.error, answer.status === 401 ? EXIT.denied : EXIT.error);
      io.out(`${answer.value.name} uploaded, ${answer.value.bytes} bytes\n\n`);
      io.out(`In an Image:\n  spec:\n    source: {file: ${name}}\n    format: ${format}\n    checksum: ${checksum}\n`);
    });
}

const QCOW2_MAGIC = 'QFI\u00fb';

/** The digest that the server checks, and the format that an Image must say. */
async function readThrough(path: string): Promise<{ checksum: string; format: 'qcow2' | 'raw' }> {
  const hash = createHash('sha256');
  let head: string | undefined;
  try {
    for await (const chunk of createReadStream(path)) {
      head ??= (chunk as Buffer).subarray(0, 4).toString('latin1');
      hash.update(chunk as Buffer);
    }
  } catch (error) {
    throw new CliError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`, EXIT.usage);
  }
  return { checksum: `sha256:${hash.digest('hex')}`, format: head === QCOW2_MAGIC ? 'qcow2' : 'raw' };
}

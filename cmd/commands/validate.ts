import type { Command } from 'commander';
import { REGISTRY } from '../../resources/registry.ts';
import { readManifests } from '../input/manifests.ts';
import type { Io } from '../io.ts';

/** Needs no server. */
export function addValidate(program: Command, io: Io): void {
  program
    .command('validate')
    .description('check manifests without a server: all errors of all files, with file, line and column')
    .argument('<paths...>', 'files or folders, or - for stdin')
    .action(async (names: string[], _options: object, command: Command) => {
      const project = command.optsWithGlobals<{ project?: string }>().project ?? io.env.STEWARD_PROJECT ?? 'default';
      const items = await readManifests(io, { names, registry: REGISTRY, project });
      const files = new Set(items.map(({ origin }) => origin.file)).size;
      io.out(`${count(items.length, 'manifest')} in ${count(files, 'file')}: valid.\n`);
    });
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

import type { Command } from 'commander';
import { explain } from '../../manifests/explain.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { table } from '../output/table.ts';

/** Needs no server. */
export function addExplain(program: Command, io: Io): void {
  program
    .command('explain')
    .description('what a kind or a field is, e.g. vm.spec.disks; without one: all kinds')
    .argument('[path]', 'kind, or kind.spec.field')
    .option('--recursive', 'all fields below, without their descriptions')
    .action((path: string | undefined, options: { recursive?: boolean }) => {
      if (path === undefined) {
        const rows = REGISTRY.kinds.map((k) => [k.kind, k.shortNames.join(','), k.group, k.scope, k.description]);
        return io.out(table(['KIND', 'SHORT', 'GROUP', 'SCOPE', 'DESCRIPTION'], rows));
      }
      const explained = explain(REGISTRY, path, options);
      if (!explained.ok) throw new CliError(explained.message, EXIT.usage);
      io.out(explained.text);
    });
}

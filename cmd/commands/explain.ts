import type { Command } from 'commander';
import { explain } from '../../manifests/explain.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { table } from '../output/table.ts';
import { openSession, type Session } from '../session.ts';

interface Options {
  recursive?: boolean;
  account: string;
}

const LINE = 'invoice/';
const EXPLAIN = 'query ($account: String!, $line: String!) { explainLine(account: $account, line: $line) }';

export function addExplain(program: Command, io: Io): void {
  program
    .command('explain')
    .description(
      'what a kind or a field is, e.g. vm.spec.disks; without one: all kinds. invoice/LINE: how its amount came about',
    )
    .argument('[path]', 'kind, kind.spec.field, or invoice/LINE')
    .option('--recursive', 'all fields below, without their descriptions')
    .option('--account <name>', 'account of the invoice', 'default')
    .action(async (path: string | undefined, options: Options, command: Command) => {
      if (path === undefined) {
        const rows = REGISTRY.kinds.map((k) => [k.kind, k.shortNames.join(','), k.group, k.scope, k.description]);
        return io.out(table(['KIND', 'SHORT', 'GROUP', 'SCOPE', 'DESCRIPTION'], rows));
      }
      if (path.startsWith(LINE))
        return io.out(await lineText(openSession(io, command), { ...options, line: path.slice(LINE.length) }));
      // A kind needs no server.
      const explained = explain(REGISTRY, path, options);
      if (!explained.ok) throw new CliError(explained.message, EXIT.usage);
      io.out(explained.text);
    });
}

/** All that went into a line, as it was, and the sum computed once more. */
async function lineText({ client }: Session, { account, line }: { account: string; line: string }): Promise<string> {
  const { explainLine } = await client.query<{ explainLine: Record<string, unknown> | null }>(EXPLAIN, {
    account,
    line,
  });
  if (explainLine === null)
    throw new CliError(`No invoice of the account "${account}" has the line ${line}.`, EXIT.notFound);
  const rows = Object.entries(explainLine).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return table(['', ''], rows).trimStart();
}

import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Scenario } from '../../billing/scenario/parse.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';

interface Options {
  check?: boolean;
  explain?: string;
  documents?: string;
}

/** Needs no server: the books' own functions, on a clock that only the scenario moves. */
export function addSimulate(program: Command, io: Io): void {
  program
    .command('simulate')
    .description('play a billing scenario in memory, and print the documents that come out of it as JSON')
    .argument('<scenario>', 'YAML file, or - for stdin')
    .option(
      '--check',
      'play it also twice, shuffled, walked and jumped, and on a throw-away database whose commits are killed; audit its books, and fail on any difference',
    )
    .option('--explain <line>', 'instead: how one line came about, e.g. INV-2026-00001/1')
    .option('--documents <folder>', 'also write all documents there: PDF, UBL, CSV and JSON')
    .action(async (name: string, options: Options) => {
      const [{ readScenario }, { checkScenario }, { printBooks }, { run }, { explainLine }] = await Promise.all([
        import('../input/scenario.ts'),
        import('../../billing/scenario/check.ts'),
        import('../../billing/scenario/print.ts'),
        import('../../billing/scenario/run.ts'),
        import('../../billing/document/explain.ts'),
      ]);
      const scenario = await readScenario(io, name);
      const books = run(scenario);
      const shown =
        options.explain === undefined
          ? printBooks(books, scenario.steps.at(-1)?.at ?? 0)
          : explainLine(books, options.explain);
      if (shown === undefined) {
        const lines = books.invoices.flatMap((invoice) => invoice.lines.map(({ id }) => id));
        throw new CliError(`No invoice has a line ${options.explain}. ${known(lines)}`, EXIT.notFound);
      }
      io.out(`${JSON.stringify(shown, null, 2)}\n`);
      if (options.documents !== undefined) {
        const { writeDocuments } = await import('../documents/scenario-documents.ts');
        const refused = await writeDocuments(books, scenario, resolve(io.cwd, options.documents));
        for (const each of refused) io.err(`${each}\n`);
      }
      const broken = options.check ? [...checkScenario(scenario), ...(await checkedOnDatabase(scenario, io))] : [];
      if (broken.length > 0) throw new CliError([...new Set(broken)].join('\n'), EXIT.error);
    });
}

async function checkedOnDatabase(scenario: Scenario, io: Io): Promise<string[]> {
  const { checkOnEmbedded, noDatabase } = await import('../scenario/embedded-check.ts');
  const why = await noDatabase();
  if (why === undefined) return checkOnEmbedded(scenario);
  io.err(`Not played on a database: ${why}\n`);
  return [];
}

const SHOWN_MAX = 20;

function known(lines: readonly string[]): string {
  if (lines.length === 0) return 'The scenario issues none.';
  const more = lines.length > SHOWN_MAX ? `, and ${lines.length - SHOWN_MAX} more` : '';
  return `There are ${lines.slice(0, SHOWN_MAX).join(', ')}${more}.`;
}

import { type Command, Option } from 'commander';
import { createRestClient, type DocumentRequest } from '../client/rest.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { writeDownload } from '../output/downloaded.ts';
import { openSession } from '../session.ts';

interface Options {
  account: string;
  output: NonNullable<DocumentRequest['format']>;
  file?: string;
}

/** `steward invoice NUMBER`: the document itself, where `invoices` lists what there is. */
export function addInvoice(program: Command, io: Io): void {
  program
    .command('invoice')
    .description('an invoice or credit note as a document')
    .argument('<number>', 'its number, e.g. INV-2026-00001')
    .option('--account <name>', 'account that is meant', 'default')
    .addOption(new Option('-o, --output <format>', 'format').choices(['pdf', 'ubl', 'csv', 'json']).default('pdf'))
    .option('--file <file>', 'where to write it; a PDF goes to NUMBER.pdf without it, the others to stdout')
    .action(async (number: string, { account, output, file }: Options, command: Command) => {
      await download(io, command, { request: { account, number, format: output }, file });
    });
}

interface StatementOptions extends Omit<Options, 'output'> {
  output: 'pdf' | 'json';
  from?: string;
  to?: string;
}

export function addStatement(program: Command, io: Io): void {
  program
    .command('statement')
    .description('what an account owed, what came and went, and what it owes')
    .option('--account <name>', 'account that is meant', 'default')
    .option('--from <day>', 'first day, e.g. 2026-01-01')
    .option('--to <day>', 'last day')
    .addOption(new Option('-o, --output <format>', 'format').choices(['pdf', 'json']).default('pdf'))
    .option('--file <file>', 'where to write it; a PDF goes to statement.pdf without it, JSON to stdout')
    .action(async ({ account, output, file, from, to }: StatementOptions, command: Command) => {
      const days = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
      await download(io, command, { request: { account, number: 'statement', format: output, ...days }, file });
    });
}

async function download(
  io: Io,
  command: Command,
  { request, file }: { request: DocumentRequest; file: string | undefined },
): Promise<void> {
  const { endpoint } = openSession(io, command).client;
  const answer = await createRestClient(endpoint).document(request);
  if (!answer.ok) throw new CliError(answer.error, CODES[answer.status] ?? EXIT.error);
  const target =
    file ?? (request.format === 'pdf' ? `${request.number.replace(/[^A-Za-z0-9._-]/g, '_')}.pdf` : undefined);
  await writeDownload(io, answer.value, target);
}

const CODES: Readonly<Record<number, (typeof EXIT)[keyof typeof EXIT]>> = {
  400: EXIT.usage,
  401: EXIT.denied,
  404: EXIT.notFound,
  422: EXIT.validation,
};

import { type Command, Option } from 'commander';
import { REPORT_NAMES, REPORTS } from '../../billing/report/definitions.ts';
import { REPORT_FORMATS, type ReportFormat } from '../../billing/report/report.ts';
import { createRestClient } from '../client/rest.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { writeDownload } from '../output/downloaded.ts';
import { table } from '../output/table.ts';
import { openSession } from '../session.ts';

interface Options extends Partial<Record<(typeof PARAMETERS)[number]['name'], string>> {
  output: ReportFormat;
  file?: string;
}

const PARAMETERS = [
  { name: 'from', flag: '--from <day>', says: 'first day, e.g. 2026-01-01' },
  { name: 'to', flag: '--to <day>', says: 'last day' },
  { name: 'month', flag: '--month <month>', says: 'a month, e.g. 2026-01' },
  { name: 'zone', flag: '--zone <zone>', says: 'IANA zone in which days begin' },
  { name: 'currency', flag: '--currency <code>', says: 'say everything in it, at the rate of each document’s day' },
  { name: 'account', flag: '--account <name>', says: 'only this account' },
  { name: 'channel', flag: '--channel <name>', says: 'only accounts of this channel' },
  { name: 'asOf', flag: '--as-of <instant>', says: 'facts up to it, e.g. 2026-01-31T12:00:00Z' },
  { name: 'top', flag: '--top <number>', says: 'how many rows at most' },
] as const;

/** Formats that nobody reads on a terminal. */
const BINARY: readonly ReportFormat[] = ['pdf', 'png', 'jpg'];

/** `steward report NAME`: one of the reports; without a name, which there are. */
export function addReport(program: Command, io: Io): void {
  const command = program
    .command('report')
    .description('what was sold, used, owed and taxed; without a name: which reports there are')
    .argument('[name]', `one of ${REPORT_NAMES.join(', ')}`);
  for (const { flag, says } of PARAMETERS) command.option(flag, says);
  command
    .addOption(new Option('-o, --output <format>', 'format').choices([...REPORT_FORMATS]).default('table'))
    .option(
      '--file <file>',
      'where to write it; pictures and PDF go to NAME.EXTENSION without it, the others to stdout',
    )
    .action(async (name: string | undefined, options: Options, own: Command) => {
      if (name === undefined) return io.out(listed());
      await download(io, own, { name, options });
    });
}

function listed(): string {
  const rows = REPORT_NAMES.map((name) => [name, REPORTS[name].description]);
  return table(['REPORT', 'WHAT IT SAYS'], rows);
}

async function download(
  io: Io,
  command: Command,
  { name, options: { output, file, ...given } }: { name: string; options: Options },
): Promise<void> {
  const { endpoint } = openSession(io, command).client;
  const { top, ...texts } = given;
  const answer = await createRestClient(endpoint).report({
    name,
    query: { ...texts, format: output, ...(top === undefined ? {} : { top: Number(top) }) },
  });
  if (!answer.ok) throw new CliError(answer.error, CODES[answer.status] ?? EXIT.error);
  const target = file ?? (BINARY.includes(output) ? `${name}.${output}` : undefined);
  await writeDownload(io, answer.value, target);
}

const CODES: Readonly<Record<number, (typeof EXIT)[keyof typeof EXIT]>> = {
  400: EXIT.usage,
  401: EXIT.denied,
  403: EXIT.denied,
  404: EXIT.notFound,
};

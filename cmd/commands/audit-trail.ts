import { type Command, InvalidArgumentError, Option } from 'commander';
import { CliError, EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { openSession, type Session } from '../session.ts';

interface Verdict {
  rows: number;
  head: string | null;
  sealedAt: string | null;
  broken: { position: number | null; at: string | null; row: number | null; why: string } | null;
}

interface Entry {
  at: string;
  actor: string;
  onBehalfOf: string | null;
  from: string;
  requestId: string;
  op: string;
  kind: string;
  project: string | null;
  name: string;
  uid: string;
  generation: number;
  changes: { path: string; from: unknown; to: unknown }[];
}

interface ExportOptions {
  output: 'jsonl' | 'csv';
  actor?: string;
  since?: string;
  until?: string;
  kind?: string;
}

const VERIFY = '{ verifyAudit { rows head sealedAt broken { position at row why } } }';
const LIST = `query ($after: String, $actor: String, $since: DateTime, $until: DateTime, $kind: String) {
  audit(first: 500, after: $after, actor: $actor, since: $since, until: $until, kind: $kind) {
    nodes { at actor onBehalfOf from requestId op kind project name uid generation changes { path from to } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const TIMEOUT_MS = 600_000;
const WORDS: Record<string, string> = {
  RowChanged: 'the row is not what was written',
  RowMissing: 'the row is gone',
  RowAdded: 'the row was added behind the chain',
  LinkMissing: 'the chain has a gap before this row',
  EndMissing: 'the end of the chain was cut off',
  SealWrong: 'the end of the chain is not signed with the key of this installation',
};

/** `steward audit verify` and `steward audit export`. */
export function addAuditTrail(audit: Command, io: Io): void {
  audit
    .command('verify')
    .description(
      'compares the whole audit trail with its chain of hashes, and names the first row that is not as written',
    )
    .option('--head <hash>', 'end of the chain as noted before: it must still be the same, or have grown', hashOf)
    .action(async ({ head }: { head?: string }, command: Command) => {
      const { client } = openSession(io, command);
      const { verifyAudit: found } = await client.query<{ verifyAudit: Verdict }>(
        VERIFY,
        {},
        { timeoutMs: TIMEOUT_MS },
      );
      if (found.broken !== null) throw new CliError(sentence(found.broken), EXIT.error);
      io.out(
        `${found.rows} rows are as they were written. Head ${found.head ?? 'none'}, sealed ${found.sealedAt ?? 'never'}.\n`,
      );
      if (head !== undefined && head !== found.head)
        throw new CliError(
          `The head is ${found.head}, not ${head}: the trail has grown, or was made anew.`,
          EXIT.error,
        );
    });
  audit
    .command('export')
    .description('the audit trail, newest first')
    .addOption(new Option('-o, --output <format>', 'how to write').choices(['jsonl', 'csv']).default('jsonl'))
    .option('--actor <name>', 'only what this one did: user:anna, key:deploy')
    .option('--kind <kind>', 'only of this kind')
    .option('--since <instant>', 'from this instant on, such as 2026-01-31T00:00:00Z')
    .option('--until <instant>', 'before this instant')
    .action(async (options: ExportOptions, command: Command) => {
      const session = openSession(io, command);
      if (options.output === 'csv') io.out(`${HEADERS.join(',')}\r\n`);
      for await (const entry of entries(session, options))
        io.out(options.output === 'csv' ? csvLine(entry) : `${JSON.stringify(entry)}\n`);
    });
}

function sentence({ position, at, row, why }: NonNullable<Verdict['broken']>): string {
  const place = [
    ...(row === null ? [] : [`row ${row}`]),
    ...(at === null ? [] : [`of ${at}`]),
    ...(position === null ? [] : [`at position ${position}`]),
  ].join(' ');
  return `The audit trail is broken${place === '' ? '' : ` (${place})`}: ${WORDS[why] ?? why}.`;
}

async function* entries({ client }: Session, { output: _, ...filter }: ExportOptions): AsyncGenerator<Entry> {
  for (let after: string | null = null; ; ) {
    const { audit }: { audit: { nodes: Entry[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } } =
      await client.query(LIST, { ...filter, after });
    yield* audit.nodes;
    after = audit.pageInfo.endCursor;
    if (!audit.pageInfo.hasNextPage || after === null) return;
  }
}

const HEADERS = [
  'at',
  'actor',
  'onBehalfOf',
  'from',
  'requestId',
  'op',
  'kind',
  'project',
  'name',
  'uid',
  'generation',
  'changes',
] as const;

function csvLine(entry: Entry): string {
  return `${HEADERS.map((name) => csvCell(entry[name])).join(',')}\r\n`;
}

/** RFC 4180. What a spreadsheet would take for a formula is made text. */
function csvCell(value: unknown): string {
  const text = value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function hashOf(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('64 hexadecimal digits.');
  return text;
}

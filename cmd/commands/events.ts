import { type Command, InvalidArgumentError, Option } from 'commander';
import { keyText, type ObjectKey } from '../../reconciler/object.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { kindNamed, parseNames } from '../input/names.ts';
import type { Io } from '../io.ts';
import { age, cellText, table } from '../output/table.ts';
import { openSession, type Session } from '../session.ts';

interface Options {
  output: 'table' | 'json';
  limit: number;
  allProjects?: boolean;
  follow?: boolean;
}

interface Event extends ObjectKey {
  at: string;
  type: string;
  reason: string;
  message: string;
  actor: string;
  uid: string;
}

const FIELDS = 'nodes { at type reason message actor uid kind project name }';
const ALL = `query ($first: Int, $kind: String, $project: String) { events(first: $first, kind: $kind, project: $project) { ${FIELDS} } }`;
const ONE = `query ($first: Int, $kind: String!, $name: String!, $project: String) {
  object(kind: $kind, name: $name, project: $project) { events(first: $first) { ${FIELDS} } }
}`;
const FOLLOW_MS = 2000;

export function addEvents(program: Command, io: Io): void {
  program
    .command('events')
    .description('what happened, oldest first')
    .argument('[name]', 'a kind, or an object such as vm/web')
    .option('-n, --limit <number>', 'at most so many', limitOf, 50)
    .option('-A, --all-projects', 'of all projects')
    .option('--follow', 'go on until Ctrl-C')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['table', 'json']).default('table'))
    .action(async (word: string | undefined, options: Options, command: Command) => {
      const session = openSession(io, command);
      const seen = new Set<string>();
      for (let first = true; first || options.follow; first = false) {
        if (!first) await io.sleep(FOLLOW_MS);
        if (io.signal.aborted) return;
        const fresh = (await readEvents(session, word, options)).filter((event) => !seen.has(identity(event)));
        for (const event of fresh) seen.add(identity(event));
        if (first || fresh.length > 0) io.out(eventsText(session.io, fresh, { ...options, first }));
      }
    });
}

async function readEvents({ client, project }: Session, word: string | undefined, options: Options): Promise<Event[]> {
  if (word?.includes('/')) {
    const [key] = parseNames(REGISTRY, [word], project).keys as [ObjectKey];
    const { object } = await client.query<{ object: { events: { nodes: Event[] } } | null }>(ONE, {
      ...key,
      first: options.limit,
    });
    if (object === null) throw new CliError(`${keyText(key)} does not exist.`, EXIT.notFound);
    return object.events.nodes.reverse();
  }
  const kind = word === undefined ? undefined : kindNamed(REGISTRY, word);
  const scoped = options.allProjects || kind?.scope !== 'project' ? null : project;
  const variables = { first: options.limit, kind: kind?.kind ?? null, project: scoped };
  return (await client.query<{ events: { nodes: Event[] } }>(ALL, variables)).events.nodes.reverse();
}

function identity({ at, uid, reason, message }: Event): string {
  return `${at} ${uid} ${reason} ${message}`;
}

function eventsText({ paint, now }: Io, events: readonly Event[], options: Options & { first: boolean }): string {
  if (options.output === 'json') return events.map((event) => `${JSON.stringify(event)}\n`).join('');
  const rows = events.map((event) => [
    options.follow ? event.at : age(event.at, now()),
    event.type === 'warning' ? paint.warn('warning') : event.type,
    keyText(event),
    event.reason,
    cellText(event.message),
  ]);
  const text = table([options.follow ? 'AT' : 'AGO', 'TYPE', 'OBJECT', 'REASON', 'MESSAGE'], rows);
  return options.first ? text : text.slice(text.indexOf('\n') + 1);
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 500) throw new InvalidArgumentError('1 to 500.');
  return limit;
}

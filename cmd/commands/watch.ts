import { type Command, Option } from 'commander';
import { keyText, type ObjectKey, type StoredObject } from '../../reconciler/object.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { kindNamed } from '../input/names.ts';
import type { Io } from '../io.ts';
import { type ListedObject, OBJECT_FIELDS, readyText } from '../output/objects.ts';
import { cellText } from '../output/table.ts';
import { openSession, type Session } from '../session.ts';

interface Options {
  output: 'text' | 'json';
  since?: string;
  allProjects?: boolean;
}

interface Change {
  watch: {
    type: 'CHANGED' | 'REMOVED' | 'BOOKMARK';
    position: string;
    key: ObjectKey | null;
    object: ListedObject | null;
  };
}

const WATCH = `subscription ($kinds: [String!], $project: String, $since: String) {
  watch(kinds: $kinds, project: $project, since: $since) { type position key { kind project name } object { ${OBJECT_FIELDS} } }
}`;

export function addWatch(program: Command, io: Io): void {
  program
    .command('watch')
    .description('changes of objects as they happen, until Ctrl-C')
    .argument('[kinds]', 'vm,net; all kinds without it')
    .option('-A, --all-projects', 'of all projects')
    .option('--since <position>', 'go on after a position that was seen before')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .action(async (words: string | undefined, options: Options, command: Command) => {
      const session = openSession(io, command);
      const kinds =
        words === undefined || words === 'all' ? null : words.split(',').map((word) => kindNamed(REGISTRY, word).kind);
      const global = kinds?.some((kind) => REGISTRY.kind(kind)?.scope === 'global') ?? true;
      const project = options.allProjects || global ? null : session.project;
      for await (const change of changes(session, { kinds, project, since: options.since ?? null })) {
        const text = options.output === 'json' ? jsonLine(change) : changeLine(session.io, change);
        if (text !== null) io.out(`${text}\n`);
      }
    });
}

const PAUSE_MS = 1000;
const BREAKS_MAX = 30;

/** Goes on after a broken connection from the last position that was seen: no change is lost or shown twice. */
async function* changes(
  session: Session,
  from: { kinds: string[] | null; project: string | null; since: string | null },
) {
  let { since } = from;
  for (let breaks = 0; ; breaks++) {
    try {
      for await (const { watch } of session.client.subscribe<Change>(WATCH, { ...from, since })) {
        breaks = 0;
        since = watch.position;
        yield watch;
      }
    } catch (error) {
      const broken = error instanceof CliError && (error.exitCode === EXIT.error || error.exitCode === EXIT.timeout);
      if (!broken || since === null || breaks >= BREAKS_MAX) throw error;
    }
    if (session.io.signal.aborted) throw new CliError('Interrupted.', EXIT.interrupted);
    await session.io.sleep(PAUSE_MS);
  }
}

function jsonLine({ type, position, key, object }: Change['watch']): string {
  const json: StoredObject | null = object?.json ?? null;
  return JSON.stringify({ type, position, key, object: json });
}

function changeLine(io: Io, { type, key, object }: Change['watch']): string | null {
  if (type === 'BOOKMARK' || key === null) return null;
  const time = new Date(io.now()).toISOString().slice(11, 19);
  if (type === 'REMOVED' || object === null)
    return `${io.paint.dim(time)}  ${keyText(key)}  ${io.paint.bad('removed')}`;
  const why = object.isReady ? '' : `  ${cellText(object.ready.message)}`;
  return `${io.paint.dim(time)}  ${keyText(key)}  ${readyText(io, object)}${why}`;
}

import { type Command, InvalidArgumentError, Option } from 'commander';
import { didYouMean } from '../../reconciler/admission/suggest.ts';
import type { AnyKind } from '../../reconciler/kind.ts';
import { keyText, type ObjectKey } from '../../reconciler/object.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { getObjects, listObjects } from '../client/lists.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { parseNames } from '../input/names.ts';
import type { Io } from '../io.ts';
import { timeoutOption } from '../options.ts';
import { type ListedObject, nothingText } from '../output/objects.ts';
import { openSession, type Session } from '../session.ts';
import { waitForObjects } from '../waiting.ts';

type Wanted = { is: 'ready' | 'gone' } | { is: 'condition'; type: string; status: string };

interface Options {
  for: Wanted;
  selector?: string;
  timeout: number;
}

export function addWait(program: Command, io: Io): void {
  program
    .command('wait')
    .description('wait until objects are ready, gone, or in a condition')
    .argument('<names...>', 'vm/web | vm web db | vm')
    .addOption(
      new Option('--for <what>', 'ready | gone | <Condition>=<True|False|Unknown>')
        .argParser(wantedOf)
        .default({ is: 'ready' }, 'ready'),
    )
    .option('-l, --selector <labels>', 'only with these labels')
    .addOption(timeoutOption('5m'))
    .action(async (words: string[], options: Options, command: Command) => {
      const session = openSession(io, command);
      const wanted = knownOf(parseNames(REGISTRY, words, session.project).kinds, options.for);
      const keys = await keysOf(session, words, options);
      if (wanted.is === 'condition') await waitForCondition(session, { ...options, keys, wanted });
      else await waitPlainly(session, keys, options);
      io.out(keys.map((key) => `${keyText(key)} ${wordsOf(wanted)}\n`).join(''));
    });
}

/** As we say it, and as it is said to kubectl: `delete`, `condition=Ready`, `condition=Ready=False`. */
function wantedOf(text: string): Wanted {
  const plain = text.toLowerCase();
  if (plain === 'ready' || plain === 'condition=ready') return { is: 'ready' };
  if (['gone', 'delete', 'deleted'].includes(plain)) return { is: 'gone' };
  const [type = '', status = 'True', more] = text.replace(/^condition=/i, '').split('=');
  const known = ['True', 'False', 'Unknown'].find((each) => each.toLowerCase() === status.toLowerCase());
  if (!/^[A-Za-z]+$/.test(type) || known === undefined || more !== undefined)
    throw new InvalidArgumentError('Write ready, gone, or a condition such as Powered=False.');
  return { is: 'condition', type, status: known };
}

/** Conditions that every kind has, beside its own. */
const OF_ALL_KINDS = ['Ready', 'Paused', 'Stalled'];

/** As these kinds spell it: what none of them has would be waited for in vain. */
function knownOf(kinds: readonly AnyKind[], wanted: Wanted): Wanted {
  if (wanted.is !== 'condition') return wanted;
  const types = [...new Set([...OF_ALL_KINDS, ...kinds.flatMap(({ conditions }) => conditions)])];
  const type = types.find((each) => each.toLowerCase() === wanted.type.toLowerCase());
  if (type !== undefined) return { ...wanted, type };
  const whose = kinds.length === 1 ? kinds[0]?.kind : 'None of these kinds';
  const hint = didYouMean(wanted.type, types) || `; there are ${types.join(', ')}`;
  throw new CliError(`${whose} has no condition "${wanted.type}"${hint}`, EXIT.usage);
}

function wordsOf(what: Wanted): string {
  return what.is === 'condition' ? `${what.type}=${what.status}` : what.is;
}

async function keysOf(session: Session, words: readonly string[], options: Options): Promise<ObjectKey[]> {
  const { kinds, keys } = parseNames(REGISTRY, words, session.project);
  if (keys.length > 0) return keys;
  const lists = [];
  for (const kind of kinds)
    lists.push(await listObjects(session.client, kind, { project: session.project, labels: options.selector }));
  const found = lists.flat();
  if (found.length === 0 && options.for.is !== 'gone')
    throw new CliError(nothingText(kinds, session.project).trimEnd(), EXIT.notFound);
  return found.map(({ kind, project, name }) => ({ kind, project, name }));
}

async function waitPlainly(session: Session, keys: readonly ObjectKey[], options: Options): Promise<void> {
  const gone = options.for.is === 'gone';
  const objects = await getObjects(session.client, keys).catch((error: unknown) => {
    // What is gone already needs no waiting for.
    if (gone && error instanceof CliError && error.exitCode === EXIT.notFound) return [];
    throw error;
  });
  const targets = objects.map(({ kind, project, name, metadata, json }) => ({
    key: { kind, project, name },
    uid: metadata.uid,
    generation: json.metadata.generation,
    gone,
  }));
  await waitForObjects(session, { targets, timeoutMs: options.timeout });
}

async function waitForCondition(
  { client, io }: Session,
  wait: { keys: readonly ObjectKey[]; wanted: Extract<Wanted, { is: 'condition' }>; timeout: number },
): Promise<void> {
  const { type, status } = wait.wanted;
  const deadline = io.now() + wait.timeout;
  for (;;) {
    const objects = await getObjects(client, wait.keys);
    // What was found about an older wish says nothing of this one.
    const open = objects.filter(
      ({ json: { metadata, status: seen } }) =>
        seen.observedGeneration < metadata.generation ||
        !seen.conditions.some((c) => c.type === type && c.status === status),
    );
    if (open.length === 0) return;
    if (io.signal.aborted) throw new CliError('Interrupted.', EXIT.interrupted);
    if (io.now() >= deadline) {
      const lines = open.slice(0, 20).map((object) => `${keyText(object)}: ${conditionsOf(object)}`);
      throw new CliError(`Not ${wordsOf(wait.wanted)} in time:\n  ${lines.join('\n  ')}`, EXIT.timeout);
    }
    await io.sleep(500);
  }
}

function conditionsOf({ json }: ListedObject): string {
  return json.status.conditions.map((each) => `${each.type}=${each.status}`).join(', ') || 'no conditions yet';
}

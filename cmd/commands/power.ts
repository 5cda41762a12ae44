import type { Command } from 'commander';
import { keyText, type ObjectKey } from '../../reconciler/object.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { listObjects } from '../client/lists.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { parseNames } from '../input/names.ts';
import { REFUSED_FIELDS, type Refused, refusal } from '../input/refusal.ts';
import type { Io } from '../io.ts';
import { timeoutOption } from '../options.ts';
import { openSession, type Session } from '../session.ts';
import { waitForObjects } from '../waiting.ts';

interface Options {
  selector?: string;
  wait?: boolean;
  timeout: number;
}

const REQUEST = `mutation ($objects: [ObjectKeyInput!]!, $name: String!) {
  request(objects: $objects, name: $name) {
    ... on ChangeSuccess { operations { uid generation token key { kind project name } } }
    ${REFUSED_FIELDS}
  }
}`;

type Result = { operations: { uid: string; generation: number; token: string; key: ObjectKey }[] } | Refused;

/** start, stop and reboot are requests: done once, whatever the spec says afterwards. */
export function addPower(program: Command, io: Io): void {
  const verbs = {
    start: 'start machines whose runStrategy leaves that to people',
    stop: 'stop machines whose runStrategy leaves that to people: ACPI first, then by force',
    reboot: 'ask the guests to reboot; --reset presses the button, --restart stops and starts',
  };
  for (const [verb, description] of Object.entries(verbs)) {
    const command = program
      .command(verb)
      .description(description)
      .argument('<names...>', 'vm/web | web db | vm -l app=demo')
      .option('-l, --selector <labels>', 'all machines with these labels')
      .option('--wait', 'until it is done')
      .addOption(timeoutOption('5m'));
    if (verb === 'reboot')
      command
        .option('--reset', 'press the reset button: the guest is not asked')
        .option('--restart', 'stop and start, which applies what RestartRequired names');
    command.action(async (words: string[], options: Options & { reset?: boolean; restart?: boolean }, sub: Command) => {
      const name = options.reset ? 'reset' : options.restart ? 'restart' : verb;
      await request(openSession(io, sub), { words, options, name });
    });
  }
}

async function request(
  session: Session,
  input: { words: readonly string[]; options: Options; name: string },
): Promise<void> {
  const { options, name } = input;
  const objects = await machines(session, input.words, options);
  const { request: result } = await session.client.query<{ request: Result }>(REQUEST, { objects, name });
  if ('issues' in result) throw refusal(result);
  session.io.out(result.operations.map(({ key }) => `${keyText(key)} ${name} requested\n`).join(''));
  if (!options.wait) return;
  const targets = result.operations.map(({ key, uid, generation, token }) => ({
    key,
    uid,
    generation,
    request: { name, token },
  }));
  await waitForObjects(session, { targets, timeoutMs: options.timeout });
}

/** Bare names are machines: nothing else is started and stopped. */
async function machines(session: Session, words: readonly string[], options: Options): Promise<ObjectKey[]> {
  const isKind = words.length > 0 && REGISTRY.find(words[0] ?? '') !== undefined;
  const bare = !isKind && !words.some((word) => word.includes('/'));
  const { kinds, keys } = parseNames(REGISTRY, bare ? ['vm', ...words] : words, session.project);
  if (keys.length > 0) return keys;
  if (options.selector === undefined) throw new CliError('Name the machines, or select them with -l.', EXIT.usage);
  const lists = [];
  for (const kind of kinds)
    lists.push(await listObjects(session.client, kind, { project: session.project, labels: options.selector }));
  const found = lists.flat().map(({ kind, project, name }) => ({ kind, project, name }));
  if (found.length === 0) throw new CliError(`No machine has the labels ${options.selector}.`, EXIT.notFound);
  return found;
}

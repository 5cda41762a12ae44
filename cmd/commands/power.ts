import { type Command, Option } from 'commander';
import { keyText, type ObjectKey } from '../../reconciler/object.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { getObjects, listObjects } from '../client/lists.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { parseNames } from '../input/names.ts';
import { REFUSED_FIELDS, type Refused, refusal } from '../input/refusal.ts';
import type { Io } from '../io.ts';
import { durationMs, timeoutOption } from '../options.ts';
import type { ListedObject } from '../output/objects.ts';
import { openSession, type Session } from '../session.ts';
import { type Target, waitForObjects } from '../waiting.ts';

interface Options {
  selector?: string;
  wait?: boolean;
  timeout: number;
  for?: number;
  reset?: boolean;
  restart?: boolean;
}

/** What a verb means for one machine: a request that is carried out once, or a departure from its runStrategy. */
export type PowerAct = { request: string } | { override: 'running' | 'stopped' | null };

/** Machines that run by themselves are held stopped or let go again; others are told once. No manifest changes either way. */
export function powerAct(
  verb: 'start' | 'stop' | 'reboot',
  runStrategy: unknown,
  options: Pick<Options, 'reset' | 'restart'>,
): PowerAct {
  if (verb === 'reboot') return { request: options.reset ? 'reset' : options.restart ? 'restart' : 'reboot' };
  if (runStrategy === 'Always') return { override: verb === 'stop' ? 'stopped' : null };
  if (runStrategy === 'Halted') return { override: verb === 'start' ? 'running' : null };
  return { request: verb };
}

export function addPower(program: Command, io: Io): void {
  const verbs = {
    start: 'start machines, or let them run again that were stopped',
    stop: 'stop machines: ACPI first, then by force; their manifests stay as they are',
    reboot: 'ask the guests to reboot; --reset presses the button, --restart stops and starts',
  };
  for (const [verb, description] of Object.entries(verbs) as ['start' | 'stop' | 'reboot', string][]) {
    const command = program
      .command(verb)
      .description(description)
      .argument('<names...>', 'vm/web | web db | vm -l app=demo')
      .option('-l, --selector <labels>', 'all machines with these labels')
      .option('--wait', 'until it is done')
      .addOption(timeoutOption('5m'));
    if (verb === 'reboot')
      command
        .addOption(new Option('--reset', 'press the reset button: the guest is not asked').conflicts('restart'))
        .option('--restart', 'stop and start, which applies what RestartRequired names');
    else command.option('--for <duration>', 'only for so long, for machines that run by themselves', durationMs);
    command.action(async (words: string[], options: Options, sub: Command) =>
      power(openSession(io, sub), { verb, words, options }),
    );
  }
}

async function power(
  session: Session,
  input: { verb: 'start' | 'stop' | 'reboot'; words: readonly string[]; options: Options },
): Promise<void> {
  const { options, verb } = input;
  const targets: Target[] = [];
  for (const machine of await machines(session, input.words, options)) {
    const act = powerAct(verb, machine.json.spec.runStrategy, options);
    const { key, uid, generation, token } = await carryOut(session, machine, act, options);
    session.io.out(`${keyText(key)} ${wordsFor(act)}\n`);
    targets.push({
      key,
      uid,
      generation,
      ...('request' in act && token !== null && { request: { name: act.request, token } }),
    });
  }
  if (options.wait) await waitForObjects(session, { targets, timeoutMs: options.timeout });
}

function wordsFor(act: PowerAct): string {
  if ('request' in act) return `${act.request} requested`;
  return act.override === null ? 'follows its runStrategy again' : `is kept ${act.override}`;
}

const OPERATIONS = `... on ChangeSuccess { operations { uid generation token key { kind project name } } } ${REFUSED_FIELDS}`;
const REQUEST = `mutation ($objects: [ObjectKeyInput!]!, $name: String!, $key: String) { done: request(objects: $objects, name: $name, idempotencyKey: $key) { ${OPERATIONS} } }`;
const OVERRIDE = `mutation ($objects: [ObjectKeyInput!]!, $value: JSON, $until: DateTime, $key: String) {
  done: override(objects: $objects, name: "power", value: $value, until: $until, idempotencyKey: $key) { ${OPERATIONS} }
}`;

interface Operation {
  uid: string;
  generation: number;
  token: string | null;
  key: ObjectKey;
}

async function carryOut(
  { client, io }: Session,
  machine: ListedObject,
  act: PowerAct,
  options: Options,
): Promise<Operation> {
  const objects = [{ kind: machine.kind, project: machine.project, name: machine.name }];
  const until = options.for === undefined ? null : new Date(io.now() + options.for).toISOString();
  const variables =
    'request' in act ? { objects, name: act.request } : { objects, value: act.override, until: act.override && until };
  const document = 'request' in act ? REQUEST : OVERRIDE;
  const { done } = await client.mutate<{ done: { operations: [Operation] } | Refused }>(document, variables);
  if ('issues' in done) throw refusal(done);
  return done.operations[0];
}

/** Bare names are machines: nothing else is started and stopped. */
async function machines(
  { client, project }: Session,
  words: readonly string[],
  options: Options,
): Promise<ListedObject[]> {
  const isKind = REGISTRY.find(words[0] ?? '') !== undefined;
  const bare = !isKind && !words.some((word) => word.includes('/'));
  const { kinds, keys } = parseNames(REGISTRY, bare ? ['vm', ...words] : words, project);
  if ([...kinds].some(({ kind }) => kind !== 'VirtualMachine'))
    throw new CliError('Only machines are started and stopped.', EXIT.usage);
  if (keys.length > 0) return getObjects(client, keys);
  if (options.selector === undefined) throw new CliError('Name the machines, or select them with -l.', EXIT.usage);
  const found: ListedObject[] = [];
  for (const kind of kinds) found.push(...(await listObjects(client, kind, { project, labels: options.selector })));
  if (found.length === 0) throw new CliError(`No machine has the labels ${options.selector}.`, EXIT.notFound);
  return found;
}

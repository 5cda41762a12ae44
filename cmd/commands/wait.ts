import type { Command } from 'commander';
import { keyText, type ObjectKey } from '../../reconciler/object.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { getObjects, listObjects } from '../client/lists.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { parseNames } from '../input/names.ts';
import type { Io } from '../io.ts';
import { timeoutOption } from '../options.ts';
import { openSession, type Session } from '../session.ts';
import { waitForObjects } from '../waiting.ts';

interface Options {
  for: string;
  selector?: string;
  timeout: number;
}

export function addWait(program: Command, io: Io): void {
  program
    .command('wait')
    .description('wait until objects are ready, gone, or in a condition')
    .argument('<names...>', 'vm/web | vm web db | vm')
    .option('--for <what>', 'ready | gone | <Condition>=<True|False|Unknown>', 'ready')
    .option('-l, --selector <labels>', 'only with these labels')
    .addOption(timeoutOption('5m'))
    .action(async (words: string[], options: Options, command: Command) => {
      const session = openSession(io, command);
      const keys = await keysOf(session, words, options);
      if (options.for === 'ready' || options.for === 'gone') await waitPlainly(session, keys, options);
      else await waitForCondition(session, keys, options);
      io.out(keys.map((key) => `${keyText(key)} ${options.for}\n`).join(''));
    });
}

async function keysOf(session: Session, words: readonly string[], options: Options): Promise<ObjectKey[]> {
  const { kinds, keys } = parseNames(REGISTRY, words, session.project);
  if (keys.length > 0) return keys;
  const lists = [];
  for (const kind of kinds)
    lists.push(await listObjects(session.client, kind, { project: session.project, labels: options.selector }));
  return lists.flat().map(({ kind, project, name }) => ({ kind, project, name }));
}

async function waitPlainly(session: Session, keys: readonly ObjectKey[], options: Options): Promise<void> {
  const gone = options.for === 'gone';
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

async function waitForCondition({ client, io }: Session, keys: readonly ObjectKey[], options: Options): Promise<void> {
  const [type = '', status = 'True'] = options.for.split('=');
  const deadline = io.now() + options.timeout;
  for (;;) {
    const objects = await getObjects(client, keys);
    const open = objects.filter(
      ({ json }) => !json.status.conditions.some((c) => c.type === type && c.status === status),
    );
    if (open.length === 0) return;
    if (io.signal.aborted) throw new CliError('Interrupted.', EXIT.interrupted);
    if (io.now() >= deadline)
      throw new CliError(`Not ${options.for} in time: ${open.map(keyText).join(', ')}.`, EXIT.timeout);
    await io.sleep(500);
  }
}

import type { Command } from 'commander';
import { keyOfManifest } from '../../manifests/manifest-key.ts';
import { keyText, type ObjectKey } from '../../reconciler/object.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { listObjects } from '../client/lists.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { readManifests } from '../input/manifests.ts';
import { parseNames } from '../input/names.ts';
import { REFUSED_FIELDS, type Refused, refusal } from '../input/refusal.ts';
import type { Io } from '../io.ts';
import { durationMs, filesOption, timeoutOption } from '../options.ts';
import { reviewText } from '../output/review.ts';
import { openSession, type Session } from '../session.ts';
import { waitForObjects } from '../waiting.ts';
import { foresee } from './plan.ts';

interface Options {
  file: string[];
  selector?: string;
  grace?: number;
  cascade?: boolean;
  restore?: boolean;
  dryRun?: boolean;
  ignoreNotFound?: boolean;
  wait?: boolean;
  timeout: number;
}

const DELETE = `mutation ($objects: [ObjectKeyInput!]!, $graceSeconds: Int, $propagation: Propagation, $key: String) {
  delete(objects: $objects, graceSeconds: $graceSeconds, propagation: $propagation, idempotencyKey: $key) {
    ... on ChangeSuccess { operations { uid generation key { kind project name } } }
    ${REFUSED_FIELDS}
  }
}`;

const RESTORE = `mutation ($objects: [ObjectKeyInput!]!, $key: String) {
  restore(objects: $objects, idempotencyKey: $key) { ... on ChangeSuccess { operations { uid generation key { kind project name } } } ${REFUSED_FIELDS} }
}`;

type Result = { operations: { uid: string; generation: number; key: ObjectKey }[] } | Refused;

export function addDelete(program: Command, io: Io): void {
  program
    .command('delete')
    .description('delete objects; what is outside goes first, what is in use waits')
    .argument('[names...]', 'vm/web | vm web db | vm -l app=demo')
    .addOption(filesOption())
    .option('-l, --selector <labels>', 'all of the kind with these labels')
    .option('--grace <duration>', 'stopped and restorable for this long first', durationMs)
    .option('--cascade', 'also what refers to them')
    .option('--restore', 'take the deletion back while its grace period lasts')
    .option('--dry-run', 'only show what would happen')
    .option('--ignore-not-found', 'no error for what is not there')
    .option('--wait', 'until they are gone')
    .addOption(timeoutOption('10m'))
    .action(async (words: string[], options: Options, command: Command) => {
      const session = openSession(io, command);
      const keys = await keysToDelete(session, words, options);
      if (keys.length === 0) return io.out('Nothing to delete.\n');
      if (options.restore) return restore(session, keys);
      if (options.dryRun) return io.out(reviewText(await foresee(session, { deletes: keys }), session.io.paint));
      const operations = await deleteAll(session, keys, options);
      io.out(
        operations.map(({ key }) => `${keyText(key)} ${options.grace ? 'deleted, restorable' : 'deleting'}\n`).join(''),
      );
      if (!options.wait) return;
      await waitForObjects(session, {
        targets: operations.map((one) => ({ ...one, gone: true })),
        timeoutMs: options.timeout,
      });
    });
}

async function keysToDelete(session: Session, words: readonly string[], options: Options): Promise<ObjectKey[]> {
  if (options.file.length > 0) {
    const input = { names: options.file, registry: REGISTRY, project: session.project };
    const items = await readManifests(session.io, input);
    return items.map(({ manifest }) => keyOfManifest(manifest)).reverse();
  }
  const { kinds, keys } = parseNames(REGISTRY, words, session.project);
  if (keys.length > 0) return keys;
  if (options.selector === undefined)
    throw new CliError(
      'Name the objects, or select them with -l: deleting all of a kind is not a default.',
      EXIT.usage,
    );
  const lists = [];
  for (const kind of kinds)
    lists.push(await listObjects(session.client, kind, { project: session.project, labels: options.selector }));
  return lists.flat().map(({ kind, project, name }) => ({ kind, project, name }));
}

async function deleteAll({ client }: Session, keys: readonly ObjectKey[], options: Options) {
  const graceSeconds = options.grace === undefined ? null : Math.round(options.grace / 1000);
  const send = async (objects: readonly ObjectKey[]) =>
    (
      await client.mutate<{ delete: Result }>(DELETE, {
        objects,
        graceSeconds,
        propagation: options.cascade ? 'DEPENDENTS' : 'BACKGROUND',
      })
    ).delete;
  const first = await send(keys);
  if (!('issues' in first)) return first.operations;
  const missing = new Set(first.issues.filter(({ code }) => code === 'RefMissing').map(({ key }) => keyText(key)));
  if (!options.ignoreNotFound || missing.size !== first.issues.length) throw refusal(first);
  const there = keys.filter((key) => !missing.has(keyText(key)));
  if (there.length === 0) return [];
  const second = await send(there);
  if ('issues' in second) throw refusal(second);
  return second.operations;
}

async function restore({ client, io }: Session, objects: readonly ObjectKey[]): Promise<void> {
  const { restore: result } = await client.mutate<{ restore: Result }>(RESTORE, { objects });
  if ('issues' in result) throw refusal(result);
  io.out(result.operations.map(({ key }) => `${keyText(key)} restored\n`).join(''));
}

import { type Command, Option } from 'commander';
import { keyOfManifest } from '../../manifests/manifest-key.ts';
import { keyText, type ObjectKey } from '../../reconciler/object.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { getObjects, listObjects } from '../client/lists.ts';
import { EXIT, tellDifferences } from '../exit-codes.ts';
import { readManifests } from '../input/manifests.ts';
import { parseNames } from '../input/names.ts';
import type { Io } from '../io.ts';
import { filesOption, sourceOption } from '../options.ts';
import { changeLines } from '../output/changes.ts';
import type { PlanView } from '../output/review.ts';
import { openSession, type Session } from '../session.ts';
import { type Applied, applyManifests } from './apply.ts';
import { foresee } from './plan.ts';

interface Options {
  file: string[];
  source: string;
  exitCode?: boolean;
  output: 'text' | 'json';
}

/** The server compares so many objects with the world in one go. */
const LOOK_MAX = 1000;

export function addDiff(program: Command, io: Io): void {
  program
    .command('diff')
    .description('how the wishes differ from the files (with -f), and how the world differs from the wishes')
    .argument('[names...]', 'vm/web net/lan | vm | all (the default without -f)')
    .addOption(filesOption())
    .addOption(sourceOption())
    .option('--exit-code', `end with ${EXIT.differences} when anything differs`)
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .action((words: string[], options: Options, command: Command) =>
      tellDifferences(options, () => showDifferences(openSession(io, command), words, options)),
    );
}

/** True if anything differs. */
async function showDifferences(session: Session, words: readonly string[], options: Options): Promise<boolean> {
  const input = { registry: REGISTRY, project: session.project, names: options.file };
  const items = options.file.length > 0 ? await readManifests(session.io, input) : [];
  const wishes =
    items.length > 0
      ? await applyManifests(session, items, {
          source: options.source,
          allow: 'none',
          takeOver: true,
          dryRun: true,
        })
      : [];
  const changed = wishes.filter(({ change }) => change !== 'unchanged');
  const created = new Set(wishes.filter(({ change }) => change === 'created').map(({ key }) => keyText(key)));
  const there = items.map(({ manifest }) => keyOfManifest(manifest)).filter((key) => !created.has(keyText(key)));
  const look = words.length > 0 || items.length === 0 ? await keysToLookAt(session, words) : there;
  const drift = await driftOf(session, look);
  const different = changed.length > 0 || drift.length > 0;
  if (options.output === 'json') session.io.out(`${JSON.stringify({ files: changed, world: drift }, null, 2)}\n`);
  else session.io.out(diffText(session.io, { changed, drift, withFiles: items.length > 0, looked: look.length }));
  return different;
}

async function keysToLookAt(session: Session, words: readonly string[]): Promise<ObjectKey[]> {
  const { kinds, keys } = parseNames(REGISTRY, words.length > 0 ? words : ['all'], session.project);
  if (keys.length > 0) {
    await getObjects(session.client, keys);
    return keys;
  }
  const observed = kinds.filter((kind) => kind.observe !== undefined);
  const lists = [];
  for (const kind of observed) lists.push(await listObjects(session.client, kind, { project: session.project }));
  return lists.flat().map(({ kind, project, name }) => ({ kind, project, name }));
}

async function driftOf(session: Session, keys: readonly ObjectKey[]): Promise<PlanView['steps']> {
  const steps: PlanView['steps'] = [];
  for (let i = 0; i < keys.length; i += LOOK_MAX) {
    const plan = await foresee(session, { look: keys.slice(i, i + LOOK_MAX) });
    steps.push(...plan.steps);
  }
  return steps;
}

function diffText(
  { paint }: Io,
  found: { changed: readonly Applied[]; drift: PlanView['steps']; withFiles: boolean; looked: number },
): string {
  const files = found.changed.flatMap(({ key, change, changes }) => [
    `${change === 'created' ? paint.good('+') : paint.warn('~')} ${paint.bold(keyText(key))}${change === 'created' ? ' is only in the files' : ''}`,
    ...changeLines(change === 'created' ? [] : changes, paint),
    ...(change === 'configured' && changes.length === 0 ? ['    labels, annotations, or who owns its fields'] : []),
  ]);
  const world = found.drift.flatMap((step) => [
    `${paint.warn('!')} ${paint.bold(keyText(step))} needs "${step.verb}": ${step.message}`,
    ...changeLines(step.changes, paint),
  ]);
  const objects = found.looked === 1 ? '1 object' : `${found.looked} objects`;
  const sections = [
    ...(found.withFiles
      ? [paint.bold('Wishes against the files:'), ...(files.length > 0 ? files : ['  no difference'])]
      : []),
    ...(found.withFiles ? [''] : []),
    paint.bold(`The world against the wishes (${objects}):`),
    ...(world.length > 0 ? world : ['  no difference']),
  ];
  return `${sections.join('\n')}\n`;
}

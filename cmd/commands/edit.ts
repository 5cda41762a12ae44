import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { editDocument } from '../../manifests/edit.ts';
import { manifestOf, yamlText } from '../../manifests/format.ts';
import { loadManifests } from '../../manifests/load.ts';
import type { LoadedManifest, Manifest } from '../../manifests/manifest.ts';
import { jsonEqual } from '../../reconciler/equal.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import { keyText, type ObjectKey } from '../../reconciler/object.ts';
import type { Risk } from '../../reconciler/plan.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { getObjects } from '../client/lists.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { invalid } from '../input/manifests.ts';
import { parseNames } from '../input/names.ts';
import { ownFields } from '../input/own-fields.ts';
import type { Io } from '../io.ts';
import { allowOption, sourceOption } from '../options.ts';
import { changeLines } from '../output/changes.ts';
import { openSession, type Session } from '../session.ts';
import { applyManifests } from './apply.ts';

interface Options {
  allow: Risk;
  source: string;
  takeOver?: boolean;
  write?: string;
}

const ATTEMPTS_MAX = 10;

export function addEdit(program: Command, io: Io): void {
  program
    .command('edit')
    .description('change an object in your editor ($VISUAL, $EDITOR); what is wrong brings the editor back')
    .argument('<name>', 'vm/web')
    .option('--write <file>', 'also bring its manifest in this file up to date, comments kept')
    .option('--take-over', 'take fields over from other sources')
    .addOption(allowOption())
    .addOption(sourceOption())
    .action(async (word: string, options: Options, command: Command) => {
      const session = openSession(io, command);
      const { keys } = parseNames(REGISTRY, [word], session.project);
      const [key] = keys;
      if (!key) throw new CliError('Name one object, for example vm/web.', EXIT.usage);
      await edit(session, key, options);
    });
}

/** The file that the editor is given. What somebody wrote into it outlives an error that ends the command. */
async function edit(session: Session, key: ObjectKey, options: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'steward-edit-'));
  const draft: Draft = { file: join(folder, 'object.yaml'), isWritten: false };
  let isKept = false;
  try {
    await editDraft(session, { key, options, draft });
  } catch (error) {
    isKept = draft.isWritten;
    if (!isKept || !(error instanceof CliError)) throw error;
    throw new CliError(`${error.message}\nWhat you wrote is kept in ${draft.file}.`, error.exitCode);
  } finally {
    if (!isKept) rmSync(folder, { recursive: true, force: true });
  }
}

interface Draft {
  file: string;
  /** It holds something of a person's own. */
  isWritten: boolean;
}

async function editDraft(
  session: Session,
  { key, options, draft }: { key: ObjectKey; options: Options; draft: Draft },
): Promise<void> {
  const [object] = await getObjects(session.client, [key]);
  if (!object) return;
  const before = manifestOf(object.json, REGISTRY.kind(key.kind));
  const head = `# ${keyText(key)}. Save and close to apply; close without a change to leave it as it is.\n`;
  let text = head + yamlText([before]);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const edited = await openEditor(session.io, { draft, text });
    const body = withoutNotes(edited);
    if (body.trim() === '') return session.io.out('The file is empty: nothing was changed.\n');
    const { manifests, issues } = loadManifests([{ path: keyText(key), text: body }], {
      registry: REGISTRY,
      project: session.project,
    });
    const after = manifests[0];
    if (
      issues.length === 0 &&
      after &&
      jsonEqual(after.manifest as unknown as JsonObject, before as unknown as JsonObject)
    )
      return session.io.out('Nothing was changed.\n');
    const failed =
      issues.length > 0
        ? invalid(issues)
        : await applyEdited(session, { before, after, managed: object.json.metadata.managed, options });
    if (failed === null) return writeBack(session.io, { key, after: after?.manifest as Manifest, options });
    if (edited === text) throw failed;
    text = head + notes(failed.message) + body;
  }
  throw new CliError('Given up after many tries.', EXIT.validation);
}

async function applyEdited(
  session: Session,
  input: { before: Manifest; after: LoadedManifest | undefined; managed: Record<string, string[]>; options: Options },
): Promise<CliError | null> {
  const { before, after, options } = input;
  if (!after || after.manifest.kind !== before.kind || after.manifest.metadata.name !== before.metadata.name)
    return new CliError('Kind, name and project cannot be edited; apply a new manifest instead.', EXIT.validation);
  const { spec } = after.manifest;
  const own = options.takeOver
    ? { spec }
    : ownFields({ before: before.spec, after: spec, managed: input.managed, source: options.source });
  if ('refused' in own) return new CliError(own.refused, EXIT.conflict);
  try {
    const applied = await applyManifests(
      session,
      [{ ...after, manifest: { ...after.manifest, spec: own.spec } }],
      options,
    );
    for (const { key, change, changes } of applied)
      session.io.out(`${[`${keyText(key)} ${change}`, ...changeLines(changes, session.io.paint)].join('\n')}\n`);
    return null;
  } catch (error) {
    if (error instanceof CliError && (error.exitCode === EXIT.validation || error.exitCode === EXIT.conflict))
      return error;
    throw error;
  }
}

function writeBack(io: Io, input: { key: ObjectKey; after: Manifest; options: Options }): void {
  const { write } = input.options;
  if (write === undefined) return;
  const path = resolve(io.cwd, write);
  const text = editDocument(readFileSync(path, 'utf8'), input.key, input.after as unknown as JsonObject);
  if (text === null)
    throw new CliError(
      `${write} holds no manifest of ${keyText(input.key)}; the object was changed, the file was not.`,
      EXIT.notFound,
    );
  writeFileSync(path, text);
  io.out(`${write} brought up to date\n`);
}

/** Runs the editor on a private file. Its command may have arguments; no shell sees it. */
async function openEditor(io: Io, { draft, text }: { draft: Draft; text: string }): Promise<string> {
  const [binary = 'vi', ...args] = (io.env.VISUAL || io.env.EDITOR || 'vi').split(' ').filter((part) => part !== '');
  writeFileSync(draft.file, text, { mode: 0o600 });
  const code = await new Promise<number | null>((done, fail) => {
    spawn(binary, [...args, draft.file], { stdio: 'inherit' })
      .once('close', done)
      .once('error', fail);
  }).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(`The editor "${binary}" cannot be started (${error.code}). Set VISUAL or EDITOR.`, EXIT.usage);
  });
  const edited = readFileSync(draft.file, 'utf8');
  draft.isWritten ||= edited !== text;
  if (code !== 0) throw new CliError(`The editor ended with code ${code}; nothing was changed.`);
  return edited;
}

function notes(message: string): string {
  return message
    .split('\n')
    .map((line) => `#! ${line}\n`)
    .join('');
}

function withoutNotes(text: string): string {
  return text.replaceAll(/^#!.*\n/gm, '').replace(/^# .*\n/, '');
}

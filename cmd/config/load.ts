import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { parse, YAMLError } from 'yaml';
import { dotted } from '../../manifests/issue.ts';
import { locateIn } from '../../manifests/position.ts';
import { YAML_OPTIONS } from '../../manifests/yaml-options.ts';
import { isMap } from '../../reconciler/admission/finding.ts';
import { schemaFindings } from '../../reconciler/admission/schema-issues.ts';
import { isSealed } from '../../reconciler/admission/seal.ts';
import { didYouMean } from '../../reconciler/admission/suggest.ts';
import { unknownFields } from '../../reconciler/admission/unknown-fields.ts';
import { fieldsOf } from '../../reconciler/fields.ts';
import type { Json, JsonObject } from '../../reconciler/json.ts';
import { SETTINGS, SETTINGS_SCHEMA, type Setting, type Settings, settingsIssues } from './settings.ts';

export interface SettingsInput {
  /** `--config`; without it `steward.yaml` in `cwd`, when there is one. */
  file?: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  /** Given flags by dotted path: `{'listen.port': '0'}`. Lists may be given whole. */
  flags: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  cwd: string;
  /** Opens a value that `steward secret seal` made; null: its key is not here. Without it such settings keep their defaults. */
  unseal?: (sealed: string) => string | null;
}

export type LoadedSettings =
  | { ok: true; settings: Settings; origins: Origins }
  /** Everything that is wrong, each with place, value and remedy. */
  | { ok: false; errors: string[] };

/** As `loadSettings`; values that are sealed are opened by what `opener` makes of the settings that say where the keys are. */
export async function loadSealedSettings(
  input: SettingsInput,
  opener: (settings: Settings) => Promise<(sealed: string) => string | null>,
): Promise<LoadedSettings> {
  let isSealed = false;
  const unseal = () => {
    isSealed = true;
    return null;
  };
  const first = loadSettings({ ...input, unseal });
  if (!isSealed) return first;
  const bare = loadSettings(input);
  return bare.ok ? loadSettings({ ...input, unseal: await opener(bare.settings) }) : bare;
}

/** Where each setting that is not a default came from, by its JSON pointer. */
export type Origins = ReadonlyMap<string, string>;

/** Puts the settings together: flags win over the environment, that over the file, that over the defaults. */
export function loadSettings(input: SettingsInput): LoadedSettings {
  const file = readFile(input);
  if ('error' in file) return { ok: false, errors: [file.error] };
  const raw = skeleton();
  const origins = new Map<string, string>();
  const errors = [...unknownSettings(file), ...unknownVariables(input.env)];
  for (const setting of SETTINGS) {
    const given = givenFor(setting, { file, input });
    if (given === undefined) continue;
    origins.set(setting.pointer, given.origin);
    const value = opened(given.value, input);
    if (value === null) errors.push(worded(setting.pointer, CANNOT_OPEN, origins));
    else if (value !== undefined) put(raw, setting.pointer, value);
  }
  errors.push(...misshapen(file));
  const { settings: parsed, refused } = lenient(raw);
  errors.push(...refused.map(({ pointer, message }) => worded(pointer, message, origins)));
  const folder = file.path === null ? input.cwd : dirname(file.path);
  const settings = absolute(parsed, { cwd: input.cwd, folder, origins });
  errors.push(...settingsIssues(settings).map(({ pointer, message }) => worded(pointer, message, origins)));
  errors.push(...missingFiles(settings, origins));
  return errors.length > 0 ? { ok: false, errors } : { ok: true, settings, origins };
}

const CANNOT_OPEN = 'is sealed with a key that is not here; seal it again with `steward secret seal`';

/** Undefined: sealed, and nobody opens it now. Null: nobody can. */
function opened(value: Json, { unseal }: SettingsInput): Json | undefined | null {
  if (!isSealed(value)) return value;
  return unseal === undefined ? undefined : unseal(value as string);
}

/** What is wrong with single settings; they are taken as their defaults, so that all else can be checked as well. */
function lenient(raw: JsonObject): { settings: Settings; refused: { pointer: string; message: string }[] } {
  const parsed = SETTINGS_SCHEMA.safeParse(raw);
  if (parsed.success) return { settings: parsed.data, refused: [] };
  const findings = schemaFindings(parsed.error.issues, { spec: raw, fields: fieldsOf(SETTINGS_SCHEMA) });
  const refused = findings.map(({ path, message }) => ({ pointer: path.slice('/spec'.length), message }));
  const kept = structuredClone(raw);
  for (const { pointer } of refused) put(kept, settingAt(pointer), undefined);
  return { settings: SETTINGS_SCHEMA.parse(kept), refused };
}

/** The setting that a place belongs to: of `/manifests/0` it is `/manifests`. */
function settingAt(pointer: string): string {
  return (
    SETTINGS.find((known) => pointer === known.pointer || pointer.startsWith(`${known.pointer}/`))?.pointer ?? pointer
  );
}

interface SettingsFile {
  path: string | null;
  text: string;
  value: JsonObject;
}

const EMPTY: SettingsFile = { path: null, text: '', value: {} };

function readFile({ file, cwd }: SettingsInput): SettingsFile | { error: string } {
  const path = resolve(cwd, file ?? 'steward.yaml');
  if (file === undefined && !existsSync(path)) return EMPTY;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { error: `${path}: cannot be read (${code}); name another file with --config` };
  }
  return parseFile(path, text);
}

function parseFile(path: string, text: string): SettingsFile | { error: string } {
  try {
    const value: Json = parse(text, YAML_OPTIONS) ?? {};
    if (!isMap(value)) return { error: `${path}: is not a map of settings; write e.g. "listen: {port: 8470}"` };
    return { path, text, value };
  } catch (error) {
    if (!(error instanceof YAMLError)) throw error;
    const before = text.slice(0, error.pos[0]).split('\n');
    return { error: `${path}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}: ${error.message}` };
  }
}

function givenFor(
  setting: Setting,
  { file, input }: { file: SettingsFile; input: SettingsInput },
): { value: Json; origin: string } | undefined {
  const flag = input.flags[setting.path];
  if (flag !== undefined) return { value: typed(setting, flag), origin: setting.flag };
  const variable = input.env[setting.variable];
  if (variable !== undefined) return { value: typed(setting, variable), origin: setting.variable };
  const value = inFile(file, setting.pointer);
  return value === undefined ? undefined : { value, origin: placeIn(file, setting.pointer) };
}

/** Flags and variables are texts; what is no number or switch stays a text, for the schema to refuse. */
function typed({ field }: Setting, given: string | boolean | readonly string[]): Json {
  if (typeof given === 'boolean') return given;
  if (typeof given !== 'string') return [...given];
  if (field.type === 'int' && /^-?\d+$/.test(given)) return Number(given);
  if (field.type === 'boolean' && /^(true|false)$/.test(given)) return given === 'true';
  if (field.type === 'list') return given === '' ? [] : given.split(',').map((item) => item.trim());
  return given;
}

/** Objects that hold settings, so that the schema need not make them up. */
function skeleton(): JsonObject {
  const raw: JsonObject = {};
  for (const { pointer } of SETTINGS) put(raw, pointer, undefined);
  return raw;
}

function put(target: JsonObject, pointer: string, value: Json | undefined): void {
  const names = pointer.slice(1).split('/');
  const last = names.pop() ?? '';
  let at: { [key: string]: Json } = target;
  for (const name of names) {
    at[name] ??= {};
    at = at[name] as { [key: string]: Json };
  }
  if (value === undefined) delete at[last];
  else at[last] = value;
}

function inFile({ value }: SettingsFile, pointer: string): Json | undefined {
  return pointer
    .slice(1)
    .split('/')
    .reduce<Json | undefined>((at, name) => (isMap(at) ? at[name] : undefined), value);
}

function placeIn({ path, text }: SettingsFile, pointer: string, atKey = false): string {
  const [at] = locateIn({ text, firstLine: 1, pointers: [{ path: pointer, atKey }] });
  return `${path}:${at?.line ?? 1}:${at?.column ?? 1}`;
}

function unknownSettings(file: SettingsFile): string[] {
  const findings = unknownFields({
    value: file.value,
    fields: fieldsOf(SETTINGS_SCHEMA),
    path: '',
    owner: 'the settings',
  });
  return findings.map(({ path, message }) => `${placeIn(file, path, true)}: ${dotted(path)} ${message}`);
}

/** A group of settings that the file gives as something else. */
function misshapen(file: SettingsFile): string[] {
  const groups = new Set(SETTINGS.flatMap(({ pointer }) => ancestors(pointer)));
  return [...groups].flatMap((pointer) => {
    const value = inFile(file, pointer);
    if (value === undefined || isMap(value)) return [];
    return [`${placeIn(file, pointer)}: ${dotted(pointer)} is not a map; write its settings below it, indented`];
  });
}

function ancestors(pointer: string): string[] {
  const names = pointer.slice(1).split('/');
  return names.slice(1).map((_, index) => `/${names.slice(0, index + 1).join('/')}`);
}

/** Variables of the client and of development, which are no settings of the server. */
const OTHERS = /^STEWARD_(URL|TOKEN|PROJECT|CONFIG|INSECURE|DEBUG|NOT_RUN|TEST_.*)$/;

function unknownVariables(env: SettingsInput['env']): string[] {
  const known = SETTINGS.map(({ variable }) => variable);
  return Object.keys(env)
    .filter((name) => name.startsWith('STEWARD_') && !known.includes(name) && !OTHERS.test(name))
    .map((name) => `${name}: is not a setting${didYouMean(name, known) || '; docs/operations.md lists them'}`);
}

function worded(pointer: string, message: string, origins: Origins): string {
  const origin = origins.get(settingAt(pointer));
  return `${origin === undefined ? '' : `${origin}: `}${dotted(pointer)} ${message}`;
}

/** Paths in a file are meant from that file, all others from where the command was started. */
function absolute(
  settings: Settings,
  { cwd, folder, origins }: { cwd: string; folder: string; origins: Origins },
): Settings {
  const from = (pointer: string) => (origins.get(pointer)?.startsWith('/') ? folder : cwd);
  const at = (pointer: string, path: string) => (path === '' || isAbsolute(path) ? path : join(from(pointer), path));
  const { listen, images, graphql } = settings;
  return {
    ...settings,
    listen: {
      ...listen,
      tls: { cert: at('/listen/tls/cert', listen.tls.cert), key: at('/listen/tls/key', listen.tls.key) },
    },
    dataDir: at('/dataDir', settings.dataDir),
    tokenFile: at('/tokenFile', settings.tokenFile),
    sealing: { ...settings.sealing, keyFile: at('/sealing/keyFile', settings.sealing.keyFile) },
    manifests: settings.manifests.map((path) => at('/manifests', path)),
    graphql: { ...graphql, persisted: at('/graphql/persisted', graphql.persisted) },
    images: { ...images, folders: images.folders.map((path) => at('/images/folders', path)) },
  };
}

function missingFiles(settings: Settings, origins: Origins): string[] {
  const { cert, key } = settings.listen.tls;
  const wanted: [string, string][] = [
    ['/listen/tls/cert', cert],
    ['/listen/tls/key', key],
    ['/graphql/persisted', settings.graphql.persisted],
    ...settings.manifests.map((path): [string, string] => ['/manifests', path]),
    ...settings.images.folders.map((path): [string, string] => ['/images/folders', path]),
  ];
  return wanted
    .filter(([, path]) => path !== '' && !existsSync(path))
    .map(([pointer, path]) => worded(pointer, `names ${path}, which does not exist`, origins));
}

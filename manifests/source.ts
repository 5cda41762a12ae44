import { realpath } from 'node:fs/promises';
import type { PortErrorCode, Result } from '../hypervisor/port.ts';
import type { Clock } from '../reconciler/clock.ts';
import type { ObjectKey } from '../reconciler/object.ts';
import { touchesPersonal } from '../reconciler/refs.ts';
import type { Registry } from '../reconciler/registry.ts';
import type { LastSync, SourceLocation, SourcePort, SyncReport, SyncRequest } from '../resources/ports.ts';
import { type DocumentCache, memoryCache } from './cache.ts';
import { createFolderBells, type FolderBells } from './folder-bells.ts';
import type { GitRequest, GitSource } from './git.ts';
import { dotted, type ManifestIssue } from './issue.ts';
import { type Loaded, loadInTurns } from './load.ts';
import type { LoadedManifest, Manifest } from './manifest.ts';
import { keyOfManifest } from './manifest-key.ts';
import { type Held, prunePlan } from './prune.ts';
import { isInside, readTree, type Tree } from './tree.ts';

/** What a source's manifests are applied through. */
export interface SourceApply {
  /** All of it in one transaction, or nothing and every reason why. `remove` is in an order in which nothing is in use any more. */
  apply(request: {
    manifests: readonly Manifest[];
    remove: readonly ObjectKey[];
    /** Owner of the fields: `source:<project>/<name>`. */
    source: string;
    signal?: AbortSignal;
  }): Promise<{ ok: true; applied: number; unchanged: number } | { ok: false; issues: ApplyIssue[] }>;
  /** All live objects in which the source owns something. */
  held(source: string): Promise<Held[]>;
}

export interface ApplyIssue {
  /** Position in `manifests`, or null for one about a removal. */
  index: number | null;
  /** JSON pointer in the manifest. */
  path: string;
  message: string;
}

export interface SourceOptions {
  registry: Registry;
  apply: SourceApply;
  git: GitSource;
  clock: Clock;
  /** Folders that sources may name, themselves or below. Anything else on this machine is none of theirs. */
  folders: readonly string[];
  /** Opens a sealed value. */
  open(sealed: string): Promise<Result<string>>;
  /** Keeps what the last sync came to, across restarts. */
  memory: { get(sourceUid: string): Promise<LastSync | null>; set(sourceUid: string, last: LastSync): Promise<void> };
  /** Told when a synced folder's content changed, so that its Source becomes due at once. */
  changed?(sourceUid: string): void;
}

export interface Sources extends SourcePort {
  close(): Promise<void>;
}

interface Context extends SourceOptions {
  cache: DocumentCache;
  bells: FolderBells;
}

const CACHED_DOCUMENTS = 50_000;
const ERRORS_KEPT = 100;

export function createSources(options: SourceOptions): Sources {
  const bells = createFolderBells(options.clock, (uid) => options.changed?.(uid));
  const context: Context = { ...options, cache: memoryCache(CACHED_DOCUMENTS), bells };
  return {
    revision: async (location, { signal } = {}) => revisionOf(context, location, signal),
    last: (uid) => options.memory.get(uid),
    sync: async (request, { signal } = {}) => {
      if ('folder' in request.location) bells.watch(request.sourceUid, request.location.folder);
      const read = await withTree(context, request.location, signal, (at) =>
        applyTree(context, request, { ...at, signal }),
      );
      if (!read.ok) return read;
      const last = { at: options.clock.now(), generation: request.generation, report: read.value };
      await options.memory.set(request.sourceUid, last);
      return read;
    },
    close: () => bells.close(),
  };
}

async function revisionOf(
  context: Context,
  location: SourceLocation,
  signal: AbortSignal | undefined,
): Promise<Result<{ revision: string }>> {
  if ('folder' in location) return withTree(context, location, signal, async ({ revision }) => ({ revision }));
  const request = await gitRequest(context, location, signal);
  const commit = request.ok ? await context.git.commit(request.value) : request;
  return commit.ok ? { ok: true, value: { revision: commit.value } } : commit;
}

interface ReadTree {
  tree: Tree;
  revision: string;
}

async function withTree<T>(
  context: Context,
  location: SourceLocation,
  signal: AbortSignal | undefined,
  use: (at: ReadTree) => Promise<T>,
): Promise<Result<T>> {
  if ('folder' in location) return withFolder(context, location.folder, signal, use);
  const request = await gitRequest(context, location, signal);
  if (!request.ok) return request;
  return context.git.checkout(request.value, async ({ folder, commit }) =>
    use({ tree: await readTree(folder, signal ? { signal } : {}), revision: commit }),
  );
}

async function withFolder<T>(
  context: Context,
  folder: string,
  signal: AbortSignal | undefined,
  use: (at: ReadTree) => Promise<T>,
): Promise<Result<T>> {
  const real = await realpath(folder).catch(() => null);
  if (real === null) return failure('NotFound', `there is no folder "${folder}" on the server`);
  const roots = await Promise.all(context.folders.map((root) => realpath(root).catch(() => null)));
  if (!roots.some((root) => root !== null && isInside(root, real)))
    return failure('Invalid', `the folder "${folder}" is none of those that the server lets sources read`);
  const tree = await readTree(real, signal ? { signal } : {}).catch((error: NodeJS.ErrnoException) => error);
  if (tree instanceof Error)
    return failure('Failed', `the folder "${folder}" cannot be read (${tree.code ?? tree.message})`);
  return { ok: true, value: await use({ tree, revision: tree.revision }) };
}

async function gitRequest(
  context: Context,
  location: Extract<SourceLocation, { git: string }>,
  signal: AbortSignal | undefined,
): Promise<Result<GitRequest>> {
  const credentials: Record<string, string> = {};
  for (const [key, sealed] of Object.entries(location.secret ?? {})) {
    const opened = await context.open(sealed);
    if (!opened.ok) return opened;
    credentials[key] = opened.value;
  }
  const place = { url: location.git, branch: location.branch, path: location.path };
  const value = { location: place, credentials: location.secret === null ? null : credentials };
  return { ok: true, value: signal ? { ...value, signal } : value };
}

async function applyTree(
  context: Context,
  request: SyncRequest,
  at: ReadTree & { signal: AbortSignal | undefined },
): Promise<SyncReport> {
  const report: SyncReport = {
    revision: at.revision,
    files: at.tree.files.length,
    applied: 0,
    unchanged: 0,
    pruned: 0,
    errors: [],
  };
  const loaded = await loadInTurns(
    at.tree.files,
    {
      registry: context.registry,
      project: request.project,
      cache: context.cache,
    },
    context.clock,
  );
  const issues = [...at.tree.issues, ...loaded.issues];
  if (issues.length > 0) return { ...report, errors: errorsOf(context, issues) };
  const source = `source:${request.sourceName}`;
  const pruning = request.prune ? await pruningOf(context, request, source, loaded) : { remove: [] };
  const remove = 'remove' in pruning ? pruning.remove : [];
  const items = loaded.manifests;
  const manifests = items.map((item) => item.manifest);
  const result = await context.apply.apply({ manifests, remove, source, ...(at.signal && { signal: at.signal }) });
  if (!result.ok)
    return {
      ...report,
      errors: errorsOf(
        context,
        result.issues.map((issue) => placed(issue, items)),
      ),
    };
  const refused = 'refused' in pruning ? [{ file: '.', line: 0, column: 0, message: pruning.refused }] : [];
  return { ...report, applied: result.applied, unchanged: result.unchanged, pruned: remove.length, errors: refused };
}

async function pruningOf(context: Context, request: SyncRequest, source: string, loaded: Loaded) {
  const held = await context.apply.held(source);
  const wanted = loaded.manifests.map((item) => keyOfManifest(item.manifest));
  return prunePlan({ held, wanted, allowEmpty: request.allowEmpty });
}

function placed(issue: ApplyIssue, items: readonly LoadedManifest[]): ManifestIssue {
  const origin = issue.index === null ? undefined : items[issue.index]?.origin;
  const at = origin?.locate([{ path: issue.path }])[0];
  return {
    file: origin?.file ?? '.',
    line: at?.line ?? 0,
    column: at?.column ?? 0,
    path: issue.path,
    message: issue.message,
  };
}

function errorsOf({ registry }: Pick<Context, 'registry'>, issues: readonly ManifestIssue[]): SyncReport['errors'] {
  return issues.slice(0, ERRORS_KEPT).map(({ file, line, column, path, message }) => {
    const field = dotted(path);
    const kept = isPersonal(registry, path) ? message.replace(/^is .*?; /s, 'is (hidden); ') : message;
    return { file, line, column, message: field === '' ? kept : `${field}: ${kept}` };
  });
}

/** Errors of a sync are kept in clear, where a value that is about a person has no place: its file shows it. */
function isPersonal({ kinds }: Registry, path: string): boolean {
  const pointer = /^\/spec(\/.+)$/.exec(path)?.[1];
  return pointer !== undefined && kinds.some((kind) => touchesPersonal(kind, pointer));
}

function failure(code: PortErrorCode, message: string): { ok: false; error: { code: PortErrorCode; message: string } } {
  return { ok: false, error: { code, message } };
}

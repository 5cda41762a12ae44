import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileIssue, type ManifestIssue } from './issue.ts';
import type { SourceFile } from './manifest.ts';

export interface TreeLimits {
  files: number;
  fileBytes: number;
  totalBytes: number;
  depth: number;
  entries: number;
}

export const TREE_LIMITS: TreeLimits = {
  files: 20_000,
  fileBytes: 64 * 1024 * 1024,
  totalBytes: 256 * 1024 * 1024,
  depth: 32,
  entries: 200_000,
};

export interface Tree {
  /** Sorted by path. Paths are relative to the root, with `/`. */
  files: SourceFile[];
  /** Hash over paths and contents: the same tree has the same revision, whenever and wherever it is read. */
  revision: string;
  /** Links that lead out of the root, unreadable and oversize files. */
  issues: ManifestIssue[];
}

interface Walk {
  root: string;
  limits: TreeLimits;
  tree: Tree;
  /** Real paths of the folders that are being walked, against links that lead back to them. */
  open: Set<string>;
  entries: number;
  bytes: number;
  signal: AbortSignal | undefined;
}

/**
 * Reads all manifests below a folder (or one file). Names that start with a dot, `#` or `~` and names that do not end in .yaml, .yml
 * or .json are not manifests: editors keep their temporary files so. Links are followed within the root only. Throws when the root
 * itself cannot be read.
 */
export async function readTree(
  root: string,
  options: { limits?: TreeLimits; signal?: AbortSignal } = {},
): Promise<Tree> {
  const tree: Tree = { files: [], revision: '', issues: [] };
  const real = await realpath(root);
  const limits = options.limits ?? TREE_LIMITS;
  const walk: Walk = { root: real, limits, tree, open: new Set(), entries: 0, bytes: 0, signal: options.signal };
  if ((await stat(real)).isFile()) await addFile(walk, { path: real, shown: root });
  else await addFolder(walk, { path: real, shown: '', depth: 0 });
  tree.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  tree.revision = revisionOf(tree.files);
  return tree;
}

/** Hash over names and contents. */
function revisionOf(files: readonly SourceFile[]): string {
  const hash = createHash('sha256');
  for (const { path, text } of files) hash.update(`${path}\0${Buffer.byteLength(text)}\0`).update(text);
  return hash.digest('hex');
}

/** Whether a file of this name may hold manifests. */
function isManifestName(name: string): boolean {
  return /^[^.#~].*\.(ya?ml|json)$/i.test(name);
}

async function addFolder(walk: Walk, at: { path: string; shown: string; depth: number }): Promise<void> {
  if (at.depth > walk.limits.depth) return refuse(walk, at.shown, `is deeper than ${walk.limits.depth} folders`);
  if (walk.open.has(at.path)) return;
  walk.open.add(at.path);
  const entries = await readdir(at.path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (at.shown === '') throw error;
    refuse(walk, at.shown, `the folder cannot be read (${error.code ?? error.message})`);
    return [];
  });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    walk.signal?.throwIfAborted();
    if (++walk.entries > walk.limits.entries || walk.tree.files.length > walk.limits.files) {
      refuse(walk, at.shown, `the folder holds more than ${walk.limits.files} files; split it`);
      break;
    }
    if (/^[.#~]/.test(entry.name) || entry.name === 'node_modules') continue;
    const shown = at.shown === '' ? entry.name : `${at.shown}/${entry.name}`;
    await addEntry(walk, { path: join(at.path, entry.name), shown, depth: at.depth + 1 }, entry.name);
  }
  walk.open.delete(at.path);
}

async function addEntry(walk: Walk, at: { path: string; shown: string; depth: number }, name: string): Promise<void> {
  const real = await realpath(at.path).catch(() => null);
  // A file that vanished while we looked, or a link to nothing: the next look sees what came instead.
  if (real === null) return isManifestName(name) ? refuse(walk, at.shown, 'is a link to nothing') : undefined;
  const kind = await stat(real).catch(() => null);
  const wanted = kind?.isDirectory() || (kind?.isFile() && isManifestName(name));
  if (kind === null || !wanted) return;
  if (!isInside(walk.root, real))
    return refuse(walk, at.shown, 'is a link that leads out of the folder; copy the file instead');
  if (kind.isDirectory()) await addFolder(walk, { ...at, path: real });
  else await addFile(walk, { path: real, shown: at.shown });
}

/** True if `path` is `root` or below it. Both must be real paths. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !way.startsWith(sep));
}

/** Opens without following a link that was swapped in meanwhile, and without waiting on a pipe. */
async function addFile(walk: Walk, at: { path: string; shown: string }): Promise<void> {
  const handle = await open(at.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => null,
  );
  if (handle === null) return refuse(walk, at.shown, 'cannot be read');
  try {
    const { size } = await handle.stat();
    if (size > walk.limits.fileBytes) return refuse(walk, at.shown, `is larger than ${walk.limits.fileBytes} bytes`);
    walk.bytes += size;
    if (walk.bytes > walk.limits.totalBytes)
      return refuse(walk, at.shown, `the folder is larger than ${walk.limits.totalBytes} bytes`);
    const text = await handle.readFile('utf8');
    walk.tree.files.push({ path: at.shown, text });
  } finally {
    await handle.close();
  }
}

function refuse(walk: Walk, shown: string, message: string): void {
  walk.tree.issues.push(fileIssue(shown === '' ? '.' : shown, message));
}

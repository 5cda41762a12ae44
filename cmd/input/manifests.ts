import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { issueText, type ManifestIssue } from '../../manifests/issue.ts';
import { loadManifests } from '../../manifests/load.ts';
import type { LoadedManifest, SourceFile } from '../../manifests/manifest.ts';
import { readTree, type Tree } from '../../manifests/tree.ts';
import type { Registry } from '../../reconciler/registry.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { type Io, textOf } from '../io.ts';

/** Reads `-f` arguments: files, folders, and `-` for stdin. Paths are shown as they were given. */
async function readFiles(io: Io, names: readonly string[]): Promise<{ files: SourceFile[]; issues: ManifestIssue[] }> {
  const files: SourceFile[] = [];
  const issues: ManifestIssue[] = [];
  for (const name of names) {
    if (name === '-' || name === '/dev/stdin') {
      files.push({ path: '(stdin)', text: await io.readAll() });
      continue;
    }
    const path = resolve(io.cwd, name);
    const tree = await readPath(path, io.signal).catch((error: NodeJS.ErrnoException) => {
      throw new CliError(unreadable(name, error), EXIT.usage);
    });
    const show = (shown: string) => (shown === path ? name : join(name, shown));
    files.push(...tree.files.map((file) => ({ ...file, path: show(file.path) })));
    issues.push(...tree.issues.map((issue) => ({ ...issue, file: show(issue.file) })));
  }
  return { files, issues };
}

/** A pipe, as a shell's `<(…)` makes one, is read like stdin; files and folders are read as sources read them. */
async function readPath(path: string, signal: AbortSignal): Promise<Pick<Tree, 'files' | 'issues'>> {
  const kind = await stat(path);
  if (kind.isFile() || kind.isDirectory()) return readTree(path, { signal });
  return { files: [{ path, text: await textOf(createReadStream(path, { signal })) }], issues: [] };
}

function unreadable(name: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return `There is no file or folder ${name}.`;
  if (error.code === 'EACCES') return `${name} may not be read by the user who runs this.`;
  return `${name} cannot be read (${error.code ?? error.message}).`;
}

/** The manifests of `-f` arguments in the order of their dependencies. Everything wrong with them is one error. */
export async function readManifests(
  io: Io,
  input: { names: readonly string[]; registry: Registry; project: string },
): Promise<LoadedManifest[]> {
  if (input.names.length === 0)
    throw new CliError('Say where the manifests are: -f file, -f folder, or -f - for stdin.', EXIT.usage);
  const { files, issues } = await readFiles(io, input.names);
  const loaded = loadManifests(files, { registry: input.registry, project: input.project });
  const all = [...issues, ...loaded.issues];
  if (all.length > 0) throw invalid(all);
  if (loaded.manifests.length === 0) {
    const why = files.length === 0 ? 'no file there ends in .yaml, .yml or .json' : 'there is nothing in it to apply';
    throw new CliError(`There are no manifests in ${input.names.join(', ')}: ${why}.`, EXIT.usage);
  }
  return loaded.manifests;
}

export function invalid(issues: readonly ManifestIssue[]): CliError {
  const count = issues.length === 1 ? '1 error' : `${issues.length} errors`;
  return new CliError([...issues.map(issueText), `${count}; nothing was changed.`].join('\n'), EXIT.validation);
}

import type { Clock } from '../reconciler/clock.ts';
import { keyText, type ObjectKey } from '../reconciler/object.ts';
import type { Registry } from '../reconciler/registry.ts';
import { type DocumentCache, hashText, type RememberedDocument } from './cache.ts';
import type { Segment } from './documents.ts';
import { fileIssue, type ManifestIssue } from './issue.ts';
import type { LoadedManifest, Manifest, Origin, SourceFile } from './manifest.ts';
import { keyOfManifest } from './manifest-key.ts';
import { inOrder } from './order.ts';
import { documentsOf, originOf, parseSegment } from './parse.ts';
import { FINDINGS_MAX, located, validateManifest } from './validate.ts';
import { LIMITS, type Limits } from './yaml-options.ts';

export interface LoadOptions {
  registry: Pick<Registry, 'kinds' | 'kind' | 'find'>;
  /** Project of manifests that name none. Null: such a manifest is an error. */
  project: string | null;
  cache?: DocumentCache;
  limits?: Limits;
}

export interface Loaded {
  /** What others need comes first; otherwise, and where they need each other, as written. */
  manifests: LoadedManifest[];
  /** Everything that is wrong, in the order of files and lines. When there is any, nothing should be applied. */
  issues: ManifestIssue[];
  /** Documents that were not read again because the cache knew their text. */
  reused: number;
}

/** Reads and checks many files at once. */
export function loadManifests(files: readonly SourceFile[], options: LoadOptions): Loaded {
  const loading = loadingOf(files, options);
  for (;;) {
    const { done, value } = loading.next();
    if (done) return value;
  }
}

/** So much text is read before others get their turn. */
const TURN_CHARACTERS = 64 * 1024;

/** As above, beside other work: nothing waits for longer than one document takes. */
export async function loadInTurns(
  files: readonly SourceFile[],
  options: LoadOptions,
  clock: Pick<Clock, 'sleep'>,
): Promise<Loaded> {
  const loading = loadingOf(files, options);
  for (let read = 0; ; ) {
    const { done, value } = loading.next();
    if (done) return value;
    read += value;
    if (read < TURN_CHARACTERS) continue;
    read = 0;
    await clock.sleep(0);
  }
}

/** Yields the characters of each document once it is read. */
function* loadingOf(files: readonly SourceFile[], options: LoadOptions): Generator<number, Loaded> {
  const limits = options.limits ?? LIMITS;
  const loaded: Loaded = { manifests: [], issues: [], reused: 0 };
  for (const file of files) {
    const documents = documentsOf(file, limits);
    if (!documents.ok) loaded.issues.push(documents.issue);
    else
      for (const segment of documents.value) {
        addDocument(loaded, { file: file.path, segment, limits }, options);
        yield segment.text.length;
      }
  }
  loaded.manifests = withProjects(loaded, options);
  const order = inOrder(loaded.manifests, options.registry);
  loaded.issues.push(...duplicates(loaded.manifests), ...cycles(loaded.manifests, order.cycles));
  if (order.cycles.length === 0) loaded.manifests = order.ordered;
  loaded.issues = bounded(loaded.issues, limits.issues);
  return loaded;
}

interface Place {
  file: string;
  segment: Segment;
  limits: Limits;
}

function addDocument(loaded: Loaded, place: Place, options: LoadOptions): void {
  const hash = options.cache ? hashText(place.segment.text) : '';
  const known = options.cache?.get(hash);
  if (known) {
    loaded.reused++;
    for (const { manifest, prefix } of known) loaded.manifests.push({ manifest, origin: originOf(place, prefix) });
    return;
  }
  const parsed = parseSegment(place.file, place.segment, place.limits);
  const good: LoadedManifest[] = [];
  const bad: ManifestIssue[] = [];
  for (const [index, raw] of parsed.manifests.entries()) {
    // Each of them is looked up in the whole document.
    if (bad.length >= FINDINGS_MAX) {
      bad.push(fileIssue(place.file, `and ${parsed.manifests.length - index} manifests that were not looked at`));
      break;
    }
    const result = validateManifest(raw, options.registry);
    if (result.ok) good.push({ manifest: result.manifest, origin: raw.origin });
    else bad.push(...result.issues);
  }
  loaded.manifests.push(...good);
  loaded.issues.push(...parsed.issues, ...bad);
  if (parsed.issues.length + bad.length === 0) options.cache?.set(hash, remembered(good));
}

function remembered(good: readonly LoadedManifest[]): RememberedDocument {
  return good.map(({ manifest, origin }) => ({ manifest, prefix: origin.prefix }));
}

function withProjects(loaded: Loaded, options: LoadOptions): LoadedManifest[] {
  return loaded.manifests.flatMap((item) => {
    if (options.registry.kind(item.manifest.kind)?.scope !== 'project') return [item];
    if (typeof item.manifest.metadata.project === 'string') return [item];
    if (options.project !== null) return [{ ...item, manifest: inProject(item.manifest, options.project) }];
    const message = `is missing; a ${item.manifest.kind} belongs to a project: write its name here`;
    loaded.issues.push(...issuesAt(item.origin, [{ path: '/metadata/project', message }]));
    return [];
  });
}

function inProject(manifest: Manifest, project: string): Manifest {
  return { ...manifest, metadata: { ...manifest.metadata, project } };
}

function duplicates(manifests: readonly LoadedManifest[]): ManifestIssue[] {
  const first = new Map<string, LoadedManifest>();
  return manifests.flatMap((item) => {
    const key = keyText(keyOfManifest(item.manifest));
    const earlier = first.get(key);
    if (!earlier) {
      first.set(key, item);
      return [];
    }
    const at = earlier.origin.locate([{ path: '/metadata/name' }])[0];
    const message = `${key} is already written at ${earlier.origin.file}:${at?.line}:${at?.column}; keep one of the two`;
    return issuesAt(item.origin, [{ path: '/metadata/name', message }]);
  });
}

/** Objects that wait for each other would wait for ever. */
function cycles(manifests: readonly LoadedManifest[], found: readonly ObjectKey[][]): ManifestIssue[] {
  return found.flatMap((cycle) => {
    const [start] = cycle.map(keyText);
    const item = manifests.find(({ manifest }) => keyText(keyOfManifest(manifest)) === start);
    const message = `refers to itself: ${cycle.map(keyText).join(' → ')}; take one of these references out`;
    return item ? issuesAt(item.origin, [{ path: '', message }]) : [];
  });
}

function issuesAt(origin: Origin, findings: { path: string; message: string }[]): ManifestIssue[] {
  return located({ value: {}, origin }, findings);
}

function bounded(issues: ManifestIssue[], most: number): ManifestIssue[] {
  if (issues.length <= most) return issues;
  const file = issues[most]?.file ?? '';
  return [...issues.slice(0, most), fileIssue(file, `and ${issues.length - most} more errors in this and other files`)];
}

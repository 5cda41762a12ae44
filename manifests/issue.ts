import { tokensOf } from '../reconciler/refs.ts';

/** One thing that is wrong with a file, with the place, the value and the remedy in words. */
export interface ManifestIssue {
  file: string;
  /** From 1; 0 when the whole file is meant. */
  line: number;
  /** From 1; 0 when the whole file is meant. */
  column: number;
  /** JSON pointer in the manifest, or ''. */
  path: string;
  message: string;
}

/** `web.yaml:12:7: spec.disks[0].sizeGiB: …`, as editors and terminals understand it. */
export function issueText(issue: ManifestIssue): string {
  const place = issue.line === 0 ? issue.file : `${issue.file}:${issue.line}:${issue.column}`;
  const field = dotted(issue.path);
  return field === '' ? `${place}: ${issue.message}` : `${place}: ${field}: ${issue.message}`;
}

/** `/spec/disks/0/sizeGiB` → `spec.disks[0].sizeGiB`. */
export function dotted(pointer: string): string {
  // A path in the world, such as `domain/memoryMiB`, is no pointer and stays as it is.
  if (!pointer.startsWith('/')) return pointer;
  return tokensOf(pointer)
    .map((token, i) =>
      /^\d+$/.test(token) ? `[${token}]` : /^[\w-]+$/.test(token) ? `${i > 0 ? '.' : ''}${token}` : `["${token}"]`,
    )
    .join('');
}

/** A wholly file-wide issue. */
export function fileIssue(file: string, message: string): ManifestIssue {
  return { file, line: 0, column: 0, path: '', message };
}

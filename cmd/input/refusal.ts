import { dotted, issueText } from '../../manifests/issue.ts';
import type { LoadedManifest } from '../../manifests/manifest.ts';
import { keyText, type ObjectKey } from '../../reconciler/object.ts';
import { CliError, EXIT, type ExitCode } from '../exit-codes.ts';

/** The server's reasons for doing nothing. */
export interface Refused {
  issues: { index: number; key: ObjectKey; path: string; code: string; message: string }[];
}

export const REFUSED_FIELDS =
  '... on AdmissionFailure { issues { index key { kind project name } path code message } }';

/** All reasons at once, each at the place in the file that it is about, where there is one. */
export function refusal(refused: Refused, items: readonly LoadedManifest[] = []): CliError {
  const lines = refused.issues.map(({ index, key, path, message }) => {
    const origin = items[index]?.origin;
    const at = origin?.locate([{ path }])[0];
    if (origin && at) return issueText({ file: origin.file, line: at.line, column: at.column, path, message });
    const field = dotted(path);
    return message.startsWith(keyText(key))
      ? message
      : `${keyText(key)}: ${field === '' ? '' : `${field}: `}${message}`;
  });
  const count = lines.length === 1 ? '' : `\n${lines.length} errors; nothing was changed.`;
  return new CliError(lines.join('\n') + count, codeOf(refused));
}

function codeOf({ issues }: Refused): ExitCode {
  const codes = new Set(issues.map((issue) => issue.code));
  if (codes.has('Denied')) return EXIT.denied;
  if ([...codes].every((code) => code === 'Conflict' || code === 'Protected' || code === 'Deleting'))
    return EXIT.conflict;
  if ([...codes].every((code) => code === 'RefMissing') && issues.every((issue) => issue.path === ''))
    return EXIT.notFound;
  return EXIT.validation;
}

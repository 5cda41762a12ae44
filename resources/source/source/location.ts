import type { Refs } from '../../../reconciler/kind.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import type { SecretSpec } from '../../compute/secret/kind.ts';
import type { SourceLocation } from '../../ports.ts';
import { typed } from '../../typed.ts';
import type { SourceSpec } from './kind.ts';

/** Where a source is, with the sealed credentials that its Secret holds. Null: the spec names no place (admission refuses that). */
export function locationOf({ spec }: Pick<StoredObject<SourceSpec>, 'spec'>, refs: Refs): SourceLocation | null {
  if (spec.folder !== undefined) return { folder: spec.folder };
  if (spec.git === undefined) return null;
  const { url, branch, path } = spec.git;
  const secret = typed<SecretSpec, object>(refs.at('/git/secret'));
  return { git: url, branch, path, secret: secret ? secret.spec.data : null };
}

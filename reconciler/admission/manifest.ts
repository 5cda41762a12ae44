import type { JsonObject } from '../json.ts';
import type { ObjectKey } from '../object.ts';
import type { Registry } from '../registry.ts';

/** A wish as a person writes it. What is absent was not written: admission fills in defaults. */
export interface ManifestInput {
  apiVersion?: string;
  kind: string;
  metadata: {
    name: string;
    /** Absent: the default project, for kinds that live in one. */
    project?: string | null;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deleteProtection?: boolean;
    sharing?: 'own' | 'public';
    adopt?: string | null;
    custom?: JsonObject;
  };
  spec: JsonObject;
}

export const DEFAULT_PROJECT = 'default';

/** One thing wrong with one manifest. */
export interface AdmissionIssue {
  /** Position in the batch. */
  index: number;
  key: ObjectKey;
  /** JSON pointer in the manifest: `/spec/disks/0/sizeGiB`. */
  path: string;
  code:
    | 'Invalid'
    | 'UnknownKind'
    | 'Immutable'
    | 'RefMissing'
    | 'Conflict'
    | 'Duplicate'
    | 'Unsupported'
    | 'Denied'
    | 'Deleting'
    | 'Protected'
    | 'QuotaExceeded'
    | 'AccountHeld'
    | 'AccountNew'
    | 'AccountTerminated';
  /** What is wrong, with the value, and what would be right. */
  message: string;
}

export function manifestKey(
  registry: Pick<Registry, 'kind'>,
  { kind, metadata }: Pick<ManifestInput, 'kind' | 'metadata'>,
): ObjectKey {
  const inProject = registry.kind(kind)?.scope !== 'global';
  return { kind, project: inProject ? (metadata.project ?? DEFAULT_PROJECT) : null, name: metadata.name };
}

import type { PortError } from '../../../hypervisor/port.ts';
import type { ObserveInput } from '../../../reconciler/kind.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import { nothingSeen, type Observation } from '../../../reconciler/observation.ts';
import type { ContentSource, Ports } from '../../ports.ts';
import type { ImageSpec, ImageStatus } from './kind.ts';

export interface FoundSource {
  bytes: number | null;
  revision: string;
  format: 'qcow2' | 'raw' | 'iso';
  virtualBytes: number | null;
}

export type SourceSight = { found: FoundSource } | { refused: PortError };

/** A source is no place that something of ours could be at; it only needs a name to be reported under. */
const SOURCE = 'source';

/**
 * Looks at the source once per image: what it is made of cannot change, so an image that was seen stays available while its server is
 * away. Images made of volumes are seen by their copies.
 */
export async function observeImage(
  ports: Ports,
  { object, now }: ObserveInput<ImageSpec, ImageStatus>,
): Promise<Observation<SourceSight>> {
  const source = contentSource(object);
  if (object.metadata.deletedAt !== null || object.status.revision !== undefined || !source) return nothingSeen(now);
  const stat = await ports.content.stat(source);
  const state: SourceSight = stat.ok ? { found: stat.value } : { refused: stat.error };
  return { sightings: [{ place: SOURCE, owned: true, state }], silent: [], asOf: now };
}

/** Null for an image made of a volume. */
export function contentSource({ spec }: Pick<StoredObject<ImageSpec>, 'spec'>): ContentSource | null {
  const checksum = spec.checksum ?? null;
  if (spec.source.url !== undefined) return { url: spec.source.url, checksum };
  return spec.source.file === undefined ? null : { file: spec.source.file, checksum };
}

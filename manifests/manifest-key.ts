import type { ObjectKey } from '../reconciler/object.ts';
import type { Manifest } from './manifest.ts';

export function keyOfManifest(manifest: Manifest): ObjectKey {
  return { kind: manifest.kind, project: manifest.metadata.project ?? null, name: manifest.metadata.name };
}

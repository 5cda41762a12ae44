import type { Json, JsonObject } from '../reconciler/json.ts';
import type { Position } from './position.ts';

/** A wish as a person writes it. What is absent was not written: the server fills in defaults. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: ManifestMetadata;
  spec: JsonObject;
}

/** The part of an object's metadata that people write. Everything else in metadata is the engine's. */
export interface ManifestMetadata {
  name: string;
  /** Absent or null for kinds without projects. */
  project?: string | null;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  deleteProtection?: boolean;
  sharing?: 'own' | 'public';
  adopt?: string | null;
  custom?: JsonObject;
}

/** A text to read manifests from. `path` is how people know the file: it is what errors name. */
export interface SourceFile {
  path: string;
  text: string;
}

/** A document's place in its file; positions of fields are worked out only when somebody asks. */
export interface Origin {
  file: string;
  /** First line of the document, from 1. */
  line: number;
  /** The manifest's own pointer within its document: '' or `/items/3`. */
  prefix: string;
  /** Positions of JSON pointers in the manifest, e.g. `/spec/disks/0`; a missing field answers with the nearest thing around it. */
  locate(pointers: readonly Pointer[]): Located[];
}

export interface Pointer {
  path: string;
  /** Point at the name of the field rather than its value. */
  atKey?: boolean;
}

export interface Located extends Position {
  /** How the value is spelled in the file (`010`, `1e3`), when it is a single word or number. */
  source: string | null;
}

/** One manifest-shaped value of a file, not yet checked against its kind. */
export interface RawManifest {
  value: { [key: string]: Json };
  origin: Origin;
}

/** A checked manifest and where it was written. */
export interface LoadedManifest {
  manifest: Manifest;
  origin: Origin;
}

import type { HypervisorDirectory, Result } from '../hypervisor/port.ts';
import type { JsonObject, Reason } from '../reconciler/json.ts';

/** The world as kinds see it. Adapters are put together in cmd/. */
export interface Ports {
  hypervisors: HypervisorDirectory;
  pools: PoolDirectory;
  secrets: SecretPort;
  content: ContentPort;
  sources: SourcePort;
  /** Absent where nobody signs in (forecasts, simulations). */
  identity?: IdentityPort;
  /** Absent where nothing is billed. */
  books?: BooksPort;
}

/** What the books say about the wishes that they are made of. */
export interface BooksPort {
  /**
   * The fields of the object's status that the books know, as its kind has them, and for a Subscription `problem`, a code, where it cannot
   * be billed. Null: they do not know it yet.
   */
  statusOf(uid: string): Promise<JsonObject | null>;
}

/** What signing in keeps beside a User: passwords, second factors, sessions. Never the secrets themselves. */
export interface IdentityPort {
  /** `email`: the address that the wish names, or null. */
  standing(uid: string, email: string | null): Promise<Standing>;
  /** Removes everything that signing in keeps of a user or an ApiKey. */
  forget(uid: string): Promise<void>;
}

export interface Standing {
  /** Somebody who reads letters to this address has said so. */
  emailProved: boolean;
  password: boolean;
  secondFactor: boolean;
  /** Anything at all is kept. */
  known: boolean;
}

/** A volume's place is its pool, and a pool is reached through its hosts. */
export interface PoolDirectory {
  /** Uids of the hosts that the StoragePool refers to now, in its order; none when there is no such pool. May be some seconds old. */
  hostsOf(poolUid: string): Promise<readonly string[]>;
}

/** Opens sealed values for acts. Values never leave the act. */
export interface SecretPort {
  open(sealed: string): Promise<Result<string>>;
}

/** Streams images in: from http(s) URLs (guarded against internal addresses), files of the configured image folders, uploads. */
export interface ContentPort {
  /** Size when known, and content once. Checks the checksum while streaming: a mismatch ends the stream with a ContentError. */
  open(source: ContentSource, options?: { signal?: AbortSignal }): Promise<Result<Content>>;
  /** Cheap look: does it exist, how big, which validator (ETag, mtime) does it have. */
  stat(
    source: ContentSource,
  ): Promise<
    Result<{ bytes: number | null; revision: string; format: 'qcow2' | 'raw' | 'iso'; virtualBytes: number | null }>
  >;
}

export type ContentSource = { url: string; checksum: string | null } | { file: string; checksum: string | null };

export interface Content {
  bytes: number;
  stream: AsyncIterable<Uint8Array>;
}

/** Ends a content stream whose bytes are not what was promised: `ChecksumMismatch {expected, found}`, `ContentCut {expected, found}`, `SourceRefused {message}`. */
export class ContentError extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason.code);
    this.reason = reason;
  }
}

/** Reads what a Source points at and applies it. */
export interface SourcePort {
  /** Which revision (commit, tree hash) it stands at now. Bounded by a deadline. */
  revision(source: SourceLocation, options?: { signal?: AbortSignal }): Promise<Result<{ revision: string }>>;
  /** What the last sync of this source came to; null before the first. */
  last(sourceUid: string): Promise<LastSync | null>;
  /** Applies everything at the revision and prunes what the source no longer holds. All errors at once; then nothing was applied. */
  sync(request: SyncRequest, options?: { signal?: AbortSignal }): Promise<Result<SyncReport>>;
}

export interface SyncRequest {
  sourceUid: string;
  sourceName: string;
  /** Of the Source; `last` shows it, so that a changed wish is synced anew. */
  generation: number;
  /** Where manifests go that name no project. */
  project: string;
  location: SourceLocation;
  prune: boolean;
  allowEmpty: boolean;
}

export interface LastSync {
  /** Epoch ms. */
  at: number;
  generation: number;
  report: SyncReport;
}

/** `secret`: the sealed values of a Secret by their keys; the port opens them. */
export type SourceLocation =
  | { folder: string }
  | { git: string; branch: string; path: string; secret: Readonly<Record<string, string>> | null };

export interface SyncReport {
  revision: string;
  /** Files that were read. */
  files: number;
  applied: number;
  unchanged: number;
  pruned: number;
  /** At most 100. With any of them nothing was applied, unless only the pruning was refused. */
  errors: { file: string; line: number; column: number; message: string }[];
}

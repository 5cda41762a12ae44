import type { HypervisorDirectory, Result } from '../hypervisor/port.ts';
import type { JsonObject, Reason } from '../reconciler/json.ts';
import type { Standing as SettingStanding } from './support/setting/facts.ts';

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
  /** Absent where nobody decides anything (forecasts, simulations). */
  settings?: SettingsPort;
  /** Absent where accounts have no life of their own (forecasts, simulations). */
  accounts?: AccountsPort;
  /** Absent where nobody is told anything (forecasts, simulations). */
  announcements?: AnnouncementsPort;
}

/** Tells customers what the provider publishes. */
export interface AnnouncementsPort {
  isTold(uid: string): Promise<boolean>;
  /** Every account that it concerns, once each. `channel`: only its customers; null: all. */
  tell(
    announcement: { uid: string; type: AnnouncementType; subject: string; channel: string | null },
    signal: AbortSignal,
  ): Promise<void>;
}

type AnnouncementType = 'Disruption' | 'Issue' | 'Resolution' | 'Maintenance';

/** What is decided about accounts, and what is done in consequence. */
export interface AccountsPort {
  /** Null: there is no such account. */
  sight(uid: string): Promise<AccountSight | null>;
  /** It becomes active: once, whoever else says so. */
  activate(uid: string): Promise<void>;
  /** It gets this type, for which all is done, if it still asks for it. */
  convert(uid: string, type: string): Promise<void>;
  /** Writes down that its type has changed. */
  note(uid: string): Promise<void>;
  /** Suspended until it is converted. */
  endTrial(uid: string): Promise<void>;
  /** It is no trial any more: what its end held is let go. */
  renewTrial(uid: string): Promise<void>;
  /** Ends its subscriptions and sessions, and has what is in its projects removed. The books stay. */
  clear(uid: string): Promise<void>;
  /** Nothing is left of it but its books: for ever. */
  close(uid: string): Promise<void>;
}

/** An account as its books, its people and its history show it. Instants are ISO texts. */
export interface AccountSight {
  activatedAt: string | null;
  terminatedAt: string | null;
  /** Those that are active. */
  holds: { id: string; source: string; severity: 'RESTRICT' | 'SUSPEND' | 'TERMINATE'; since: string }[];
  /** Somebody has proved to read the owner's letters. */
  emailVerified: boolean;
  paymentMethod: boolean;
  /** What was paid in and is not spent, a decimal in the account's currency. */
  deposited: string;
  /** The last word of finance about each type, by name. */
  verdicts: Readonly<Record<string, { approved: boolean; by: string; at: string }>>;
  /** Name of its type as of now, or empty. */
  type: string;
  /** The type that the history ends with, or empty; null: it has not begun. */
  knownType: string | null;
  /** When it was of its type first, or began; null: it has not begun. Who goes away and comes back tries no longer. */
  typeSince: string | null;
  users: number;
  /** Things in its projects that go when it is terminated, and are still there. */
  left: number;
  /** Of them, those that nobody has asked to go. */
  standing: number;
}

/** What the facts of a Setting say of it. Null: there are none. */
export interface SettingsPort {
  standing(uid: string): Promise<Pick<SettingStanding, 'inForce' | 'awaiting'> | null>;
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
  /** Whether the customer was told of a Masquerade, by its uid. */
  isMasqueradeTold(uid: string): Promise<boolean>;
  /** Writes to the user as whom somebody acts. Once, however often it is asked for. `until`: epoch ms. */
  tellMasquerade(masquerade: MasqueradeTold): Promise<void>;
}

export interface MasqueradeTold {
  uid: string;
  name: string;
  /** Actor. */
  by: string;
  user: string;
  reason: string;
  until: number;
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
  /**
   * Content once, and its size. `seenBytes`: the size that it must have. Checks the checksum while streaming: a mismatch ends the stream with a
   * ContentError.
   */
  open(source: ContentSource, options?: { signal?: AbortSignal; seenBytes?: number }): Promise<Result<Content>>;
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

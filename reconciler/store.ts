import type { Filter } from './access/filter.ts';
import type { Binding, CapacityRow, Claims } from './claims.ts';
import type { KeyClaim } from './idempotency.ts';
import type { JsonObject, Reason } from './json.ts';
import type { BaseStatus, ObjectKey, StoredObject } from './object.ts';
import type { Child, FieldChange, Risk } from './plan.ts';
import type { Principal } from './principal.ts';

/**
 * The engine's side of the store. Every method takes a batch and is one round trip (a constant number of statements). Epochs fence:
 * what a claim that was overtaken tries to write is refused, and nothing of it is written.
 */
export interface EngineStore {
  /** Due rows of the given shards, leased until now + leaseMs; a claim takes a new epoch. `skip locked`. At most `limit`. */
  claim(request: { shards: readonly number[]; limit: number; leaseMs: number; holder: string }): Promise<Claim[]>;
  /** Extends leases; answers the uids that were lost. */
  renew(claims: readonly Claim[], leaseMs: number): Promise<ReadonlySet<string>>;
  /**
   * Objects with what the engine keeps beside them. Primary reads. A missing uid is absent from the map. What is in `known` and still has
   * the versions that it has there, children included, may be answered with the known value: the caller vouches that nobody has held
   * its row since, so that the rest is as it was.
   */
  load(uids: readonly string[], known?: ReadonlyMap<string, Loaded>): Promise<ReadonlyMap<string, Loaded>>;
  /** Resolves references by pinned uid first, then by name. Same order as asked; undefined = missing. */
  resolve(lookups: readonly RefLookup[]): Promise<(StoredObject | undefined)[]>;
  /** What allocators look at; may be a short-lived cache. `kinds` are cut at 20,000 objects a kind. */
  consult(request: { kinds: readonly string[]; pools: readonly string[]; capacity: boolean }): Promise<Consulted>;
  /** Per reservation one atomic change: finalizer on, bindings intended, unique values and capacity as in `claims` (replacing what the object held). */
  reserve(reservations: readonly Reservation[]): Promise<ReserveResult[]>;
  /** Per completion one atomic, fenced change; all in one transaction. */
  complete(completions: readonly Completion[]): Promise<CompleteResult[]>;
  /** Makes objects due now. Level-triggered: losing it costs latency only. */
  wake(uids: readonly string[]): Promise<void>;
  /** Makes everything due that has a binding at this place. */
  wakePlace(place: string): Promise<void>;
  /** Epoch ms of the earliest due row, or null. */
  nextDueAt(shards: readonly number[]): Promise<number | null>;
  /** Sets the capacity limits of a place; used stays. */
  setCapacity(rows: readonly { place: string; resource: string; limit: number }[]): Promise<void>;
  /** "This place was inventoried from … to …": extends the last interval when they touch within `bridgeMs`. */
  cover(rows: readonly CoverageRow[]): Promise<void>;
  /** The uids among these that exist (tombstones do not). For the sweeper: list the world first, then ask. */
  existing(uids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Database clock, epoch ms. */
  now(): Promise<number>;
}

export const SHARDS = 64;

export interface Claim {
  uid: string;
  kind: string;
  shard: number;
  epoch: number;
  /** Epoch ms when it was claimed, on the database clock. */
  claimedAt: number;
  leaseUntil: number;
  /** Failures in a row. */
  attempts: number;
  /** End of the lease that expired without a completion (a crash or a stall), else null. */
  takenOverFrom: number | null;
}

export interface Loaded {
  object: StoredObject;
  claims: Claims | null;
  bindings: Binding[];
  children: StoredObject[];
  /**
   * Objects that refer to this one by pinned uid or name, for delete protection; its own children, which go with it, are not counted. A
   * Project is held by all that is in it. At most 20, with the total. Filled only while deleting.
   */
  holders: { total: number; first: ObjectKey[] };
  /** Last journaled level per meter. */
  levels: Record<string, JournalLevel>;
}

export interface RefLookup {
  kind: string;
  /** Project of the referring object; null for kinds without projects. */
  project: string | null;
  /** As written: `name` or `project/name`. */
  name: string;
  pinnedUid: string | null;
  /** What it led to before: may be answered itself if it is still at that version. */
  known?: StoredObject | undefined;
}

export interface Consulted {
  objects: Record<string, StoredObject[]>;
  capacity: CapacityRow[];
  taken: Record<string, ReadonlySet<string>>;
}

export interface Reservation {
  claim: Claim;
  claims: Claims;
  /** incarnation of the new bindings. */
  incarnation: number;
}

export type ReserveResult =
  | { outcome: 'reserved'; bindings: Binding[] }
  /** Somebody else was faster. Choose again. */
  | { outcome: 'lost'; pool: string }
  | { outcome: 'fenced' };

export interface Completion {
  claim: Claim;
  outcome: OutcomeKind;
  /** Whole new status, or null when unchanged (then it is not written). */
  status: BaseStatus | null;
  /** New claims allocated while completing, if they shrank (release); null = keep. */
  claims: Claims | null;
  steps: readonly StepRecord[];
  events: readonly EngineEvent[];
  journal: readonly JournalLevel[];
  /** Places whose binding is now confirmed (with the outside id, if the world chose it). */
  confirm: readonly { place: string; externalId: string | null }[];
  /** Places that were observed without it. */
  unbind: readonly string[];
  /** Removes the row, its bindings and claims, leaves a tombstone. Only once everything outside is gone. */
  remove: boolean;
  children: { apply: readonly PreparedChild[]; remove: readonly string[] };
  /** Epoch ms. Ignored (now) if the row was marked dirty since the claim. */
  dueAt: number;
  attempts: number;
  /** New shard (kind.locality), or null to keep. */
  shard: number | null;
}

export type OutcomeKind = 'settled' | 'waiting' | 'progressed' | 'failed';

/** A child as a full object, admitted and defaulted by the engine; created when (kind, project, name) is free, else its spec is updated. */
export interface PreparedChild {
  key: Child['key'];
  object: StoredObject;
}

export type CompleteResult = 'done' | 'fenced';

export interface StepRecord {
  verb: string;
  args: JsonObject;
  why: Reason;
  risk: Risk;
  place: string | null;
  changes: readonly FieldChange[];
  startedAt: number;
  durationMs: number;
  result: { ok: true } | { ok: false; reason: Reason };
  reconcileId: string;
  generation: number;
}

export interface EngineEvent {
  type: 'normal' | 'warning';
  reason: Reason;
}

export interface JournalLevel {
  meter: string;
  level: number;
  attributes: Record<string, string>;
  runId: string | null;
}

export interface CoverageRow {
  place: string;
  from: number;
  to: number;
  bridgeMs: number;
}

/** The API's side: wishes come in, everything can be read. */
export interface ObjectStore {
  /** Same order as asked; undefined = none. Live objects only (deleting ones included). */
  getByKey(keys: readonly ObjectKey[]): Promise<(StoredObject | undefined)[]>;
  getByUid(uids: readonly string[]): Promise<(StoredObject | undefined)[]>;
  list(query: ListQuery): Promise<ListPage>;
  /** The uids of the objects that have these unique keys; same order as asked, undefined = nobody. */
  uniqueHolders(keys: readonly { kind: string; key: string }[]): Promise<(string | undefined)[]>;
  /**
   * All or nothing, with audit rows and queue rows in the same transaction. `under`: the caller's key, which that transaction notes what
   * it wrote under; if another try holds the key by now, it is a conflict.
   */
  write(writes: readonly Write[], principal: Principal, under?: KeyClaim): Promise<WriteOutcome>;
  /**
   * What changed since a position, oldest first; `tooOld` when retention has passed it by. Coalesced per uid. `projects`: of these, and of
   * what lives in no project.
   */
  changes(query: {
    since: string;
    limit: number;
    kinds?: readonly string[];
    project?: string | null;
    projects?: readonly string[];
  }): Promise<Changes>;
  /** The position of now: pass it to `changes`. */
  position(): Promise<string>;
  events(query: RecordQuery): Promise<RecordPage<EventRow>>;
  steps(query: RecordQuery): Promise<RecordPage<StepRow>>;
  audit(query: RecordQuery): Promise<RecordPage<AuditRow>>;
  journal(query: RecordQuery): Promise<RecordPage<JournalRow>>;
  /** Where the writes of (uid, generation | request token) have got to; works for 7 days after the object is gone. */
  operation(uid: string): Promise<OperationState | undefined>;
  bindings(uid: string): Promise<Binding[]>;
  claims(uid: string): Promise<Claims | null>;
  capacity(): Promise<CapacityRow[]>;
  savePlan(plan: SavedPlan): Promise<void>;
  loadPlan(id: string): Promise<SavedPlan | undefined>;
  /** Small named values of the installation: id, incarnation, cursor positions, settings. */
  getValue(name: string): Promise<JsonObject | undefined>;
  setValue(name: string, value: JsonObject): Promise<void>;
  /** Live counts for metrics. */
  queueStats(): Promise<{ depth: number; due: number; oldestDueMs: number }>;
  countByKind(): Promise<Record<string, number>>;
}

export type Write =
  /** A new object. Refused if the key or a unique key is taken. */
  | { op: 'create'; object: StoredObject; uniqueKeys: readonly string[] }
  /** Replaces spec and metadata (status untouched) if the row still has `expect` as resourceVersion. The queue row becomes due. */
  | { op: 'update'; object: StoredObject; expect: string; uniqueKeys: readonly string[] };

export type WriteOutcome =
  | { ok: true; objects: StoredObject[] }
  /** Nothing was written. `index` is that of the first write that failed. */
  | { ok: false; index: number; failure: 'exists' | 'conflict' | 'gone' | 'uniqueKey' | 'quota'; detail: string };

export interface ListQuery {
  kind: string;
  /** Undefined: all projects. */
  project?: string | null;
  namePrefix?: string;
  names?: readonly string[];
  /** Equality and set-based label requirements, all must hold. */
  labels?: readonly LabelRequirement[];
  condition?: { type: string; status: 'True' | 'False' | 'Unknown' };
  /** Objects that refer to this uid (optionally from this spec path pattern). */
  refersTo?: string;
  ownerUid?: string;
  source?: string;
  /** Only objects that fit one of the clauses: what the reader may see. Absent: all. */
  within?: Filter;
  orderBy: 'name' | 'createdAt';
  descending?: boolean;
  /** Opaque cursor from a previous page (the last item's). */
  after?: string;
  limit: number;
}

export interface LabelRequirement {
  key: string;
  op: 'in' | 'notIn' | 'exists' | 'absent';
  values: readonly string[];
}

export interface ListPage {
  items: { object: StoredObject; cursor: string }[];
  hasMore: boolean;
}

export type Changes =
  | { tooOld: true }
  | {
      tooOld: false;
      position: string;
      items: {
        uid: string;
        kind: string;
        type: 'changed' | 'removed';
        object: StoredObject | null;
        key: ObjectKey;
        position: string;
      }[];
    };

export interface RecordQuery {
  uid?: string;
  project?: string | null;
  kind?: string;
  /** Epoch ms, half-open. */
  since?: number;
  until?: number;
  /** Audit only: what this one did, itself or on whose behalf; this sort of change; this request. */
  actor?: string;
  op?: string;
  requestId?: string;
  /** Only facts that fit one of the clauses: what the reader may see. Absent: all. */
  within?: readonly RecordClause[];
  /** Newest first. Opaque cursor of a previous page. */
  after?: string;
  limit: number;
}

/** Facts about objects of these kinds in these projects (null: wherever they are), or about these objects. */
export type RecordClause =
  | { kinds: readonly string[]; projects: readonly string[] | null }
  | { uids: readonly string[] };

export interface RecordPage<Row> {
  items: { row: Row; cursor: string }[];
  hasMore: boolean;
}

interface RowBase {
  at: number;
  uid: string;
  kind: string;
  name: string;
  project: string | null;
}

export interface EventRow extends RowBase {
  type: 'normal' | 'warning';
  reason: Reason;
  actor: string;
}

export interface StepRow extends RowBase, Omit<StepRecord, 'startedAt'> {}

export interface AuditRow extends RowBase {
  actor: string;
  onBehalfOf: string | null;
  from: string;
  requestId: string;
  op: string;
  generation: number;
  changes: readonly FieldChange[];
}

export interface JournalRow extends RowBase, JournalLevel {
  seq: number;
}

export interface OperationState {
  uid: string;
  kind: string;
  key: ObjectKey;
  /** Generation that the world was last seen to match (Ready at), and the one wished. */
  generation: number;
  readyGeneration: number;
  requests: Record<string, string>;
  gone: boolean;
}

export interface SavedPlan {
  id: string;
  createdAt: number;
  createdBy: string;
  /** Manifests to apply and the generations the plan was made against (key text → generation; 0 = did not exist). */
  manifests: JsonObject[];
  deletes: ObjectKey[];
  generations: Record<string, number>;
  source: string;
  allowedRisk: Risk;
  /** What was shown. */
  shown: JsonObject;
}

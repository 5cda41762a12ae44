import type { z } from 'zod';
import type { Allocation, Binding, Claims, Consultation, World } from './claims.ts';
import type { JsonObject, Reason } from './json.ts';
import type { StoredObject } from './object.ts';
import type { Observation } from './observation.ts';
import type { Plan } from './plan.ts';

/**
 * One definition of a kind of wish. Admission, JSON Schema, GraphQL, CLI columns, `explain`, completion, the dependency graph and
 * the generated docs all derive from it and never say it a second time.
 */
export interface Kind<Spec = JsonObject, Status = JsonObject, State = unknown, Ports = unknown> {
  /** PascalCase singular, e.g. `VirtualMachine`. */
  kind: string;
  /** camelCase plural, e.g. `virtualMachines`. */
  plural: string;
  group: 'identity' | 'infrastructure' | 'compute' | 'network' | 'storage' | 'commerce' | 'support' | 'source';
  scope: 'global' | 'project';
  shortNames: readonly string[];
  description: string;
  spec: z.ZodObject;
  status: z.ZodObject;
  /** Dependent condition types, in the order of a thing's life. `Ready` is computed from them. */
  conditions: readonly string[];
  columns: readonly Column[];
  /** Message templates of this kind's reason codes: `'No host has {cpus} CPUs free.'`. */
  messages?: Readonly<Record<string, string>>;
  /** Imperative wishes it understands, with what they do. */
  requests?: Readonly<Record<string, string>>;
  /** Temporary departures from the spec it understands, beside `paused`. */
  overrides?: Readonly<Record<string, z.ZodType>>;
  meters?: readonly Meter[];
  /** Older versions, oldest first, with pure conversions of the spec to and from the next. */
  versions?: readonly KindVersion[];
  /** False: deleting it is allowed while other objects refer to it (default true: it waits with InUse). */
  protectedWhileReferenced?: boolean;
  /** A complete, valid manifest that docs, `explain` and tests show. */
  example: JsonObject;

  /** Checks that span fields or compare with the old spec, as of `now` (epoch ms). Pure. Paths are JSON pointers in the spec. */
  check?(input: { spec: Spec; old: Spec | null; now: number }): SpecIssue[];
  /** Keys that must be unique besides the name, checked by a unique index: e.g. a network's CIDR. Pure. */
  uniqueKeys?(input: { spec: Spec; metadata: StoredObject['metadata'] }): string[];
  /** JSON pointer in the spec to what makes those keys, for whoever must choose another value, e.g. `/cidr`. */
  uniqueField?: string;

  /**
   * What an object counts for in quotas, by the names of a quota's limits. Pure. `named` finds what its spec refers to, of kinds that live
   * in no project (an offering); undefined when it is not known.
   */
  amounts?(input: {
    spec: Spec;
    named(kind: string, name: string | undefined): StoredObject | undefined;
  }): Readonly<Record<string, number>>;

  /** Which parts of the world `allocate` needs. */
  consult?(input: Subject<Spec, Status>): Consultation;
  /** Pure choice of places, addresses, capacity. Called on first sight, after a change of the spec, and while `fits` says no. */
  allocate?(input: Subject<Spec, Status> & { world: World; held: Claims | null; attempt: number }): Allocation;
  /** Whether what is held still fits what was last reported: false calls `allocate` again. Pure and cheap. Default: it does. */
  fits?(input: Subject<Spec, Status> & { held: Claims }): boolean;
  /** Slots of `chosen` that hold uids of objects, e.g. `host`: pinned like references, so that those are not deleted under it. */
  pinnedSlots?: readonly string[];
  /** Reads only. Answers for every bound place: a sighting, silence, or nothing there. */
  observe?(ports: Ports, input: ObserveInput<Spec, Status>): Promise<Observation<State>>;
  /** Pure. With `metadata.deletedAt` set (and passed) it plans the removal. */
  plan?(input: PlanInput<Spec, Status, State>): Plan;
  /** One idempotent port call each. */
  acts?: Readonly<Record<string, Act<Ports>>>;
  /** Pure: what was seen → status fields and conditions. */
  report?(input: PlanInput<Spec, Status, State> & { plan: Plan }): Report<Status>;
  /** Capacity limits that this object gives its places (a host's CPUs, a pool's space). Pure; null while unknown. */
  capacity?(input: PlanInput<Spec, Status, State>): { place: string; resource: string; limit: number }[] | null;
  /** How often a settled object is looked at again, in ms; default: the engine's resync period. */
  resyncMs?(input: { object: StoredObject<Spec, Status> }): number;
  /** Which shard the object belongs to once it is bound, e.g. its host's uid. Default: its own uid. */
  locality?(input: { claims: Claims | null; object: StoredObject<Spec, Status> }): string;
  /** All uids outside at a place that this kind owns by name or metadata, for the sweeper. Reads only. */
  inventory?(ports: Ports, place: string): Promise<{ uid: string; externalId: string }[] | 'silent'>;
  /** The sweeper's hand on something that no object stands for: `quarantine` stops it, `remove` ends it. Idempotent, own things only. */
  expel?(
    ports: Ports,
    orphan: { place: string; uid: string; externalId: string },
    stage: 'quarantine' | 'remove',
  ): Promise<ActResult>;
}

export interface Subject<Spec, Status> {
  object: StoredObject<Spec, Status>;
  refs: Refs;
  /** Epoch ms. */
  now: number;
}

export interface ObserveInput<Spec, Status> extends Subject<Spec, Status> {
  claims: Claims | null;
  bindings: readonly Binding[];
  /** Epoch ms: answers must be at least as fresh. */
  notBefore: number;
  installationId: string;
}

export interface PlanInput<Spec, Status, State> extends Subject<Spec, Status> {
  observed: Observation<State>;
  claims: Claims | null;
  bindings: readonly Binding[];
  /** Children that exist, by their key. */
  children: Readonly<Record<string, StoredObject>>;
  /** True once `deletedAt` has passed. */
  deleting: boolean;
  installationId: string;
}

/** References of the spec, resolved: pinned uid first, then the name. */
export interface Refs {
  /** The object at a spec path such as `/network` or `/disks/0/volume`, or undefined (missing). */
  at(path: string): StoredObject | undefined;
  all(): readonly ResolvedRef[];
}

export interface ResolvedRef {
  path: string;
  kind: string;
  name: string;
  object: StoredObject | undefined;
  /** The pinned uid differs from what the name means now. */
  changed: boolean;
}

export interface ActCall<Ports> {
  ports: Ports;
  args: JsonObject;
  object: StoredObject;
  refs: Refs;
  installationId: string;
  /** Aborted when the lease is lost or the act's deadline has passed. */
  signal: AbortSignal;
}

export type ActResult =
  | { ok: true }
  | {
      ok: false;
      reason: Reason /** Retry with back-off, wait for a new spec, or come back later without counting a failure. */;
      retry: 'backoff' | 'never' | 'wait';
    };

export interface Act<Ports> {
  /** Longest it may run; default 15 s. A transfer sets more, and stops when its signal aborts. */
  deadlineMs?: number;
  /** Its signal aborts also when the object is deleted meanwhile. For a long act that answers an abort when it has tidied up, and not before. */
  endsWhenDeleted?: true;
  run(call: ActCall<Ports>): Promise<ActResult>;
}

export interface Report<Status> {
  status: Partial<Status>;
  conditions: ConditionReport[];
}

export interface ConditionReport {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: Reason;
}

export interface SpecIssue {
  /** JSON pointer in the spec. */
  path: string;
  message: string;
}

export interface Column {
  header: string;
  /** Shown only with `-o wide`. */
  wide?: boolean;
  value(object: StoredObject): string | number | undefined;
}

/** A level that billing may charge, journaled when it changes. */
export interface Meter<Spec = JsonObject, Status = JsonObject, State = unknown> {
  meter: string;
  /** Non-negative integer in the meter's unit; 0 = off; null = not known now (nothing is written). */
  level(input: { object: StoredObject<Spec, Status>; observed: Observation<State> }): number | null;
  attributes?(input: { object: StoredObject<Spec, Status> }): Record<string, string>;
}

export interface KindVersion {
  apiVersion: string;
  up(spec: JsonObject): JsonObject;
  down(spec: JsonObject): JsonObject;
}

/** A kind with its types erased: what the registry holds. */
export type AnyKind<Ports = unknown> = Kind<JsonObject, JsonObject, unknown, Ports>;

/** Infers spec and status types from the schemas, checks the shape, and erases the types for the registry. */
export function defineKind<S extends z.ZodObject, T extends z.ZodObject, State = unknown, Ports = unknown>(
  kind: Omit<Kind<z.output<S>, z.output<T>, State, Ports>, 'spec' | 'status' | 'meters'> & {
    spec: S;
    status: T;
    meters?: readonly Meter<z.output<S>, z.output<T>, State>[];
  },
): AnyKind<Ports> {
  return kind as unknown as AnyKind<Ports>;
}

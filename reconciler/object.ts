import type { JsonObject } from './json.ts';
import type { Risk } from './plan.ts';

export const API_VERSION = 'steward/v1';

/** One wish: a person writes `metadata` and `spec`, the engine writes `status`. */
export interface StoredObject<Spec = JsonObject, Status = JsonObject> {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  spec: Spec;
  status: BaseStatus & Partial<Status>;
}

export interface Metadata {
  /** UUIDv7, never reused: the name of everything outside. */
  uid: string;
  /** DNS label (RFC 1123), unique per (kind, project). */
  name: string;
  /** Name of the project for kinds of scope `project`, else null. */
  project: string | null;
  /** Name of the account that pays: the project's account. */
  account: string | null;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Counts changes of spec, starting at 1. */
  generation: number;
  /** Changes with every write of the row, status included. A decimal integer. Compare for equality only. */
  resourceVersion: string;
  /** ISO 8601 instant, UTC. */
  createdAt: string;
  /** Actor of the principal that created it. */
  createdBy: string;
  /** Set by a delete. In the future: a grace period (stopped, restorable). */
  deletedAt: string | null;
  /** True from before anything outside exists until everything outside was observed gone. */
  finalizer: boolean;
  /** A delete is refused while true. */
  deleteProtection: boolean;
  /** Whether other projects may refer to it, as `project/name`. */
  sharing: 'own' | 'public';
  /** Take over this foreign thing outside (kind-specific id, e.g. a libvirt domain UUID) instead of creating one. */
  adopt: string | null;
  /** The object that made this one; it goes when its owner goes. */
  ownerUid: string | null;
  /** The owner's key for this child. */
  ownerKey: string | null;
  /** Imperative wishes: request name → token. Done when `status.requests` shows the same token. */
  requests: Record<string, string>;
  /** Temporary departures from the spec: override name → value, author and end. `paused` is known to every kind. */
  overrides: Record<string, Override>;
  /** Who owns which leaf of the spec: source → JSON pointers. */
  managed: Record<string, string[]>;
  /** The highest step risk that was allowed at this generation; riskier steps wait as ApprovalRequired. */
  allowedRisk: Risk;
  /** Fields that a provider's setting defines. */
  custom: JsonObject;
  /** What it counts for in quotas, as of its last change; absent: nothing. */
  amounts?: Readonly<Record<string, number>>;
}

export interface Override {
  value: JsonObject[string];
  by: string;
  /** ISO instant after which it no longer counts, or null. */
  until: string | null;
  reason?: string;
  /** The provider's people set it: customers neither end nor change it. */
  byProvider?: true;
}

/** What every kind's status has. Kinds add fields of their own beside these. */
// Type aliases, not interfaces: they are JSON to the type checker.
export type BaseStatus = {
  /** The newest generation that a completed reconcile saw and held everything for (places, addresses, room). 0 before the first. */
  observedGeneration: number;
  conditions: Condition[];
  /** Request name → token last carried out. */
  requests: Record<string, string>;
  /** Spec path of a reference (`/disks/0/volume`) → pinned uid. */
  refs: Record<string, string>;
  /** Choices made by allocators: slot → value (`host`, `nic/0/ip`, …). */
  allocated: Record<string, string>;
  /** ISO instant until when a call that was never answered may still take effect. Stays when it has passed. */
  landsUntil?: string;
};

export type Condition = {
  /** Adjective or past participle. `Ready` is computed. */
  type: string;
  status: 'True' | 'False' | 'Unknown';
  /** PascalCase code; `params` fill its message template. */
  reason: string;
  params: Record<string, string | number | boolean>;
  observedGeneration: number;
  /** ISO instant of the last change of `status`. */
  lastTransitionAt: string;
};

/** The name people use: unique among live objects. */
export interface ObjectKey {
  kind: string;
  project: string | null;
  name: string;
}

export function keyOf(object: Pick<StoredObject, 'kind' | 'metadata'>): ObjectKey {
  return { kind: object.kind, project: object.metadata.project, name: object.metadata.name };
}

export function keyText(key: ObjectKey): string {
  return key.project === null ? `${key.kind}/${key.name}` : `${key.kind}/${key.project}/${key.name}`;
}

/** What every object begins with; `given` names the object, and says where it differs. */
export function newMetadata(
  given: Pick<Metadata, 'uid' | 'name' | 'project' | 'createdAt' | 'createdBy'> & Partial<Metadata>,
): Metadata {
  const { uid, name, project, account = null, createdAt, createdBy, ...rest } = given;
  return {
    uid,
    name,
    project,
    account,
    labels: {},
    annotations: {},
    generation: 1,
    resourceVersion: '0',
    createdAt,
    createdBy,
    deletedAt: null,
    finalizer: false,
    deleteProtection: false,
    sharing: 'own',
    adopt: null,
    ownerUid: null,
    ownerKey: null,
    requests: {},
    overrides: {},
    managed: {},
    allowedRisk: 'none',
    custom: {},
    ...rest,
  };
}

export function emptyStatus(): BaseStatus {
  return { observedGeneration: 0, conditions: [], requests: {}, refs: {}, allocated: {} };
}

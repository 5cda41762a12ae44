import { iso } from './clock.ts';
import type { Engine } from './engine.ts';
import { jsonEqual } from './equal.ts';
import type { JsonObject } from './json.ts';
import { API_VERSION, emptyStatus, type StoredObject } from './object.ts';
import type { Child } from './plan.ts';
import type { PreparedChild } from './store.ts';

export interface ChildChanges {
  apply: PreparedChild[];
  remove: string[];
}

export const NO_CHILD_CHANGES: ChildChanges = { apply: [], remove: [] };

/**
 * Diffs the planned children with those that exist. A child with another owner (`ownerUid`) is made when it is missing and never
 * changed or pruned from here.
 */
export function childChanges<Ports>(
  engine: Engine<Ports>,
  input: {
    owner: StoredObject;
    planned: readonly Child[];
    existing: Readonly<Record<string, StoredObject>>;
    now: number;
  },
): ChildChanges {
  const { owner, planned, existing } = input;
  const apply: PreparedChild[] = [];
  for (const child of planned) {
    const present = existing[child.key];
    const spec = admitted(engine, child);
    if (!present) apply.push({ key: child.key, object: newChild(engine, { ...input, child, spec }) });
    else if (child.ownerUid === undefined && present.metadata.deletedAt === null && !jsonEqual(present.spec, spec)) {
      const counted = amountsOf(engine, child.kind, spec);
      const metadata = { ...present.metadata, ...counted, generation: present.metadata.generation + 1 };
      apply.push({ key: child.key, object: { ...present, metadata, spec } });
    }
  }
  const wanted = new Set(planned.map((child) => child.key));
  const remove = Object.values(existing)
    .filter(({ metadata }) => metadata.ownerUid === owner.metadata.uid && metadata.deletedAt === null)
    .filter(({ metadata }) => !wanted.has(metadata.ownerKey ?? ''))
    .map(({ metadata }) => metadata.uid);
  return { apply, remove };
}

function admitted<Ports>(engine: Engine<Ports>, child: Child): JsonObject {
  const kind = engine.registry.kind(child.kind);
  if (!kind) throw new Error(`A child of the unknown kind ${child.kind} was planned.`);
  return kind.spec.parse(child.spec) as JsonObject;
}

/** Children are counted by what their own spec says: their makers choose it in full. */
function amountsOf<Ports>(engine: Engine<Ports>, kind: string, spec: JsonObject) {
  const amounts = engine.registry.kind(kind)?.amounts?.({ spec, named: () => undefined });
  return amounts ? { amounts } : {};
}

function newChild<Ports>(
  engine: Engine<Ports>,
  { owner, child, spec, now }: { owner: StoredObject; child: Child; spec: JsonObject; now: number },
): StoredObject {
  const ownerUid = child.ownerUid === undefined ? owner.metadata.uid : child.ownerUid;
  return {
    apiVersion: API_VERSION,
    kind: child.kind,
    metadata: {
      uid: engine.environment.ids.uid(),
      name: child.name,
      project: child.project,
      account: owner.metadata.account,
      labels: child.labels ?? {},
      annotations: {},
      generation: 1,
      resourceVersion: '0',
      createdAt: iso(now),
      createdBy: `owner:${owner.kind}/${owner.metadata.name}`,
      deletedAt: null,
      finalizer: false,
      deleteProtection: false,
      sharing: 'own',
      adopt: null,
      ownerUid,
      ownerKey: ownerUid === null ? null : child.key,
      requests: {},
      overrides: {},
      managed: ownerUid === null ? {} : { [`owner:${ownerUid}`]: [''] },
      allowedRisk: owner.metadata.allowedRisk,
      custom: {},
      ...amountsOf(engine, child.kind, spec),
    },
    spec,
    status: emptyStatus(),
  };
}

import { iso } from './clock.ts';
import { type Reason, reason } from './json.ts';
import type { ConditionReport } from './kind.ts';
import type { Condition } from './object.ts';

/**
 * The next conditions of an object. `Ready` is computed: False if any dependent is False, Unknown if any is missing or Unknown, else
 * True; a `blocker` (waiting, failing) makes it False and gives the reason. `lastTransitionAt` moves only when `status` does.
 */
export function nextConditions(input: {
  types: readonly string[];
  previous: readonly Condition[];
  reported: readonly ConditionReport[];
  blocker: Reason | null;
  generation: number;
  now: number;
}): Condition[] {
  const reported = new Map(input.reported.map((condition) => [condition.type, condition]));
  const dependents = input.types.map(
    (type): ConditionReport => reported.get(type) ?? { type, status: 'Unknown', reason: reason('Pending') },
  );
  const extra = input.reported.filter((condition) => !input.types.includes(condition.type));
  const all = [readiness(dependents, input.blocker), ...dependents, ...extra];
  const previous = new Map(input.previous.map((condition) => [condition.type, condition]));
  return all.map((condition) => stamp(condition, previous.get(condition.type), input));
}

function readiness(dependents: readonly ConditionReport[], blocker: Reason | null): ConditionReport {
  if (blocker) return { type: 'Ready', status: 'False', reason: blocker };
  const worst = dependents.find((c) => c.status === 'False') ?? dependents.find((c) => c.status === 'Unknown');
  return worst
    ? { type: 'Ready', status: worst.status, reason: worst.reason }
    : { type: 'Ready', status: 'True', reason: reason('Ready') };
}

function stamp(
  condition: ConditionReport,
  previous: Condition | undefined,
  { generation, now }: { generation: number; now: number },
): Condition {
  return {
    type: condition.type,
    status: condition.status,
    reason: condition.reason.code,
    params: condition.reason.params,
    observedGeneration: generation,
    lastTransitionAt: previous?.status === condition.status ? previous.lastTransitionAt : iso(now),
  };
}

/** True if the object is Ready at its present generation. */
export function isReady(object: {
  metadata: { generation: number };
  status: { conditions: readonly Condition[] };
}): boolean {
  const ready = object.status.conditions.find((condition) => condition.type === 'Ready');
  return ready?.status === 'True' && ready.observedGeneration === object.metadata.generation;
}

/** Ready at whatever generation was last seen: enough for those who refer to it. */
export function wasReady(object: { status: { conditions: readonly Condition[] } }): boolean {
  return object.status.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
}

/** The reason code that says why an object is not ready. */
export function whyNotReady(object: { status: { conditions: readonly Condition[] } }): string {
  const ready = object.status.conditions.find((condition) => condition.type === 'Ready');
  return ready ? ready.reason : 'Pending';
}

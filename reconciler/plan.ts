import type { Json, JsonObject, Reason } from './json.ts';

/** What a step may cost the user, in rising order. */
export const RISKS = ['none', 'restart', 'replace', 'dataLoss'] as const;
export type Risk = (typeof RISKS)[number];

export function riskier(a: Risk, b: Risk): boolean {
  return RISKS.indexOf(a) > RISKS.indexOf(b);
}

/** Data: what a kind wants done next. The act of the same verb carries it out. Arguments are known now; they never hold secrets. */
export interface Step {
  verb: string;
  args: JsonObject;
  /** Why it is needed: the difference seen. */
  why: Reason;
  risk: Risk;
  /** The place it touches, for bounds per place. Null for none. */
  place: string | null;
  /** Field-level changes for the reader of a plan. */
  changes?: FieldChange[];
  /** The request that this step fulfils; recorded in `status.requests` once the act succeeded. */
  request?: { name: string; token: string };
}

export interface FieldChange {
  /** JSON pointer in the spec, or a path in the world such as `domain/memoryMiB`. */
  path: string;
  from: Json;
  to: Json;
}

/** A manifest that the engine applies and diffs like any user's, owned by the planning object; or by `ownerUid` (null: nobody), then made when missing, never changed or pruned by it. */
export interface Child {
  key: string;
  kind: string;
  name: string;
  /** Null for kinds that are not in a project. */
  project: string | null;
  spec: JsonObject;
  labels?: Record<string, string>;
  ownerUid?: string | null;
}

/** `desired − observed`. Neither steps nor changed children means settled. */
export type Plan =
  | { steps: Step[]; children?: Child[] }
  | { waiting: Reason; afterMs: number; children?: Child[] }
  | { invalid: Reason };

export function step(
  verb: string,
  args: JsonObject,
  more: { why: Reason; place: string | null } & Partial<Step>,
): Step {
  return { verb, args, risk: 'none', ...more };
}

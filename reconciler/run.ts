import type { ChildChanges } from './children.ts';
import type { Binding, Claims, PlacementNote } from './claims.ts';
import type { Ending } from './deadline.ts';
import type { Engine } from './engine.ts';
import type { JsonObject } from './json.ts';
import type { AnyKind, PlanInput, ResolvedRef } from './kind.ts';
import type { StoredObject } from './object.ts';
import { nothingSeen, type Observation } from './observation.ts';
import type { Outcome } from './outcome.ts';
import type { Plan } from './plan.ts';
import type { QuietPass } from './quiet-passes.ts';
import { refsView } from './resolve-refs.ts';
import type { Claim, Loaded, RefLookup, StepRecord } from './store.ts';

/** What one reconcile knows so far. Made by `reconcileOnce`, filled by its stages, turned into a completion at the end. */
export interface Run<Ports = unknown> {
  engine: Engine<Ports>;
  kind: AnyKind<Ports>;
  claim: Claim;
  /** Aborts when the lease is lost. */
  lease: Ending;
  /** False once the lease may have ended, heard of or not. */
  holds(): boolean;
  reconcileId: string;
  /** Epoch ms on the store's clock. */
  now(): number;
  loaded: Loaded;
  object: StoredObject;
  deleting: boolean;
  paused: boolean;
  refs: ResolvedRef[];
  claims: Claims | null;
  /** It holds what this generation needs. Until then the generation counts as unseen, so that it is allocated for again. */
  provided: boolean;
  bindings: Binding[];
  children: Record<string, StoredObject>;
  observed: Observation | null;
  plan: Plan | null;
  explanation: PlacementNote[] | null;
  records: StepRecord[];
  fulfilled: Record<string, string>;
  /** ISO instant until when an act of this run that had no answer may still take effect; null: none is open. */
  landsUntil: string | null;
  /** The last pass, which had nothing to do and read the same object; null: there is none. */
  before: QuietPass | null;
  /** Children that others own, as they were looked up. */
  lookups: RefLookup[];
  /** What was decided depends on more than what was loaded, resolved and observed: on the clock, or on what an allocator looked at. */
  impure: boolean;
  /** Everything is as it was in the pass before, which had nothing to do. */
  unchanged: boolean;
  /** Observed already, at all places that it has bindings for. */
  looked: boolean;
}

/** How a reconcile ended: its outcome, whether the row goes, and what happens to the children. */
export interface Verdict {
  outcome: Outcome;
  remove: boolean;
  children: ChildChanges | null;
}

export function verdict(outcome: Outcome, more: Partial<Verdict> = {}): Verdict {
  return { outcome, remove: false, children: null, ...more };
}

/** Whoever reads its clock makes the run impure. Copied with `Object.assign`, never spread: that would read it. */
export function planInput<Ports>(run: Run<Ports>, observed: Observation): PlanInput<JsonObject, JsonObject, unknown> {
  return {
    object: run.object,
    refs: refsView(run.refs),
    get now() {
      run.impure = true;
      return run.now();
    },
    observed,
    claims: run.claims,
    bindings: run.bindings,
    children: run.children,
    deleting: run.deleting,
    installationId: run.engine.installationId,
  };
}

export function seen<Ports>(run: Run<Ports>): Observation {
  return run.observed ?? nothingSeen(run.now());
}

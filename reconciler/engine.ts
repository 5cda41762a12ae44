import type { Environment } from './clock.ts';
import type { PendingAllocations } from './pending-allocations.ts';
import type { Registry } from './registry.ts';
import type { StoreSession } from './session.ts';
import type { Claim, OutcomeKind } from './store.ts';

/** All that a reconcile needs. No kind, database or clock of its own. */
export interface Engine<Ports = unknown> {
  registry: Registry<Ports>;
  store: StoreSession;
  ports: Ports;
  environment: Environment;
  installationId: string;
  options: EngineOptions;
  watcher: EngineWatcher;
  /** Who waits for a place, to be woken early. */
  pending?: PendingAllocations;
}

export interface EngineOptions {
  /** A settled object is looked at again after this long, ± 10 %. */
  resyncMs: number;
  /** Longest an act may run unless it says otherwise. */
  actDeadlineMs: number;
  /** Longest one observation may take. */
  observeDeadlineMs: number;
  /** After a takeover by expiry, only observe for this long past the old lease's end. */
  takeoverGraceMs: number;
  backoff: { firstMs: number; capMs: number };
  /** observe → plan → act rounds in one reconcile. */
  rounds: number;
  /** Observe and report, never act: for a restored database or an operator's look. */
  reportOnly: boolean;
}

export const DEFAULT_OPTIONS: EngineOptions = {
  resyncMs: 300_000,
  actDeadlineMs: 15_000,
  observeDeadlineMs: 20_000,
  takeoverGraceMs: 15_000,
  backoff: { firstMs: 1_000, capMs: 300_000 },
  rounds: 12,
  reportOnly: false,
};

/** Metrics and logs listen here; the engine knows nothing of them. */
export interface EngineWatcher {
  reconciled?(event: {
    claim: Claim;
    outcome: OutcomeKind | 'fenced' | 'gone';
    reason: string | null;
    durationMs: number;
    reconcileId: string;
  }): void;
  acted?(event: {
    kind: string;
    uid: string;
    verb: string;
    ok: boolean;
    reason: string | null;
    durationMs: number;
    drift: boolean;
    reconcileId: string;
  }): void;
  /** Places that answered an observation, at an instant of the store's clock: the journal's coverage. */
  observed?(event: { places: readonly string[]; at: number }): void;
  /** The store did not answer; the loop goes on. */
  storeFailed?(error: unknown): void;
  defect?(event: { claim: Claim; error: unknown; reconcileId: string }): void;
}

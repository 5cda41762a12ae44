import type { Clock } from '../clock.ts';
import type { JsonObject } from '../json.ts';
import type { ObjectKey } from '../object.ts';
import type { Registry } from '../registry.ts';
import type { AuditRow, EventRow, JournalLevel, JournalRow, SavedPlan, StepRow } from '../store.ts';
import { Allocations, Bindings } from './allocations.ts';
import { ChangeLog } from './change-log.ts';
import { Coverage } from './coverage.ts';
import { Objects } from './objects.ts';
import { Queue } from './queue.ts';
import { Records } from './records.ts';

/** All that the store holds. Every method of the store changes it in one uninterrupted run, which is its transaction. */
export interface Tables {
  clock: Pick<Clock, 'now'>;
  registry: Pick<Registry, 'kind'>;
  log: ChangeLog;
  objects: Objects;
  queue: Queue;
  bindings: Bindings;
  allocations: Allocations;
  coverage: Coverage;
  levels: Map<string, Readonly<Record<string, JournalLevel>>>;
  /** Uid → the highest generation that was Ready. */
  readyGenerations: Map<string, number>;
  tombstones: Map<string, Tombstone>;
  events: Records<EventRow>;
  steps: Records<StepRow>;
  audit: Records<AuditRow>;
  journal: Records<JournalRow>;
  /** With whose it was then, and where. */
  journaled(row: JournalRow & { account: string | null; place: string }): void;
  plans: Map<string, SavedPlan>;
  values: Map<string, JsonObject>;
}

/** What is left of a removed object, so that operations on it can be followed to their end. */
export interface Tombstone {
  uid: string;
  kind: string;
  key: ObjectKey;
  generation: number;
  readyGeneration: number;
  requests: Record<string, string>;
  removedAt: number;
}

/** How long operations on a removed object can be followed. */
export const TOMBSTONE_MS = 7 * 24 * 3_600_000;

/** How many rows of each record table, saved plans and removals are remembered. */
const KEPT_ROWS = 100_000;

export function createTables(clock: Pick<Clock, 'now'>, registry: Pick<Registry, 'kind'>): Tables {
  const log = new ChangeLog(KEPT_ROWS);
  return {
    clock,
    registry,
    log,
    objects: new Objects(registry, log),
    queue: new Queue(),
    bindings: new Bindings(),
    allocations: new Allocations(),
    coverage: new Coverage(KEPT_ROWS),
    levels: new Map(),
    readyGenerations: new Map(),
    tombstones: new Map(),
    events: new Records(KEPT_ROWS),
    steps: new Records(KEPT_ROWS),
    audit: new Records(KEPT_ROWS),
    journal: new Records(KEPT_ROWS),
    journaled: () => undefined,
    plans: new Map(),
    values: new Map(),
  };
}

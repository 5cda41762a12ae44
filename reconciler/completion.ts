import { backoffMs, spreadMs } from './backoff.ts';
import { nextConditions } from './conditions.ts';
import { jsonEqual } from './equal.ts';
import { journalLevels } from './journal.ts';
import { type JsonObject, type Reason, reason } from './json.ts';
import type { Report } from './kind.ts';
import type { BaseStatus, Condition } from './object.ts';
import type { Outcome } from './outcome.ts';
import { nextInstant } from './overrides.ts';
import { pinsOf } from './resolve-refs.ts';
import { planInput, type Run, seen, type Verdict } from './run.ts';
import { shardOf } from './shard.ts';
import type { Claim, Completion, EngineEvent } from './store.ts';

const EVENTS_MAX = 10;
const TICKS = 60;

/** Written by the engine itself at each completion. */
const ENGINE_CONDITIONS: ReadonlySet<string> = new Set(['Ready', 'Paused', 'Stalled']);

/** Pure: what a reconcile writes back, from all it knows. */
export function completionOf<Ports>(run: Run<Ports>, { outcome, remove, children }: Verdict): Completion {
  const { object, claim } = run;
  if (run.unchanged) return quietCompletion(claim, schedule(run, outcome));
  const status = nextStatus(run, outcome);
  const held = new Set(run.claims?.places ?? []);
  const answered = seen(run);
  const silent = new Set(answered.silent.map((s) => s.place));
  const here = new Set(answered.sightings.filter((s) => s.owned).map((s) => s.place));
  return {
    claim,
    outcome: outcome.kind,
    status: jsonEqual(status, object.status) && jsonEqual(status, run.loaded.object.status) ? null : status,
    claims: null,
    steps: run.records,
    events: eventsOf(run.loaded.object.status.conditions, status.conditions, outcome),
    journal: journalLevels(run, { status, remove }),
    confirm: run.bindings
      .filter((binding) => binding.state === 'intended' && here.has(binding.place))
      .map(({ place }) => ({ place, externalId: null })),
    unbind: run.bindings
      .map((binding) => binding.place)
      .filter((place) => run.observed !== null && !held.has(place) && !here.has(place) && !silent.has(place)),
    remove,
    children: children ?? { apply: [], remove: [] },
    ...schedule(run, outcome),
    shard: run.kind.locality ? shardOf(run.kind.locality({ claims: run.claims, object })) : null,
  };
}

/** Writes nothing but when to look again. */
export function quietCompletion(claim: Claim, next: { dueAt: number; attempts: number }): Completion {
  return {
    claim,
    outcome: 'settled',
    status: null,
    claims: null,
    steps: NOTHING,
    events: NOTHING,
    journal: NOTHING,
    confirm: NOTHING,
    unbind: NOTHING,
    remove: false,
    children: { apply: NOTHING, remove: NOTHING },
    ...next,
    shard: null,
  };
}

const NOTHING: readonly never[] = [];

/** Nothing is written for it but its row of the queue. */
export function isQuiet(completion: Completion): boolean {
  const { status, claims, remove, children } = completion;
  const lists: readonly (readonly unknown[])[] = [
    completion.steps,
    completion.events,
    completion.journal,
    completion.confirm,
    completion.unbind,
    children.apply,
    children.remove,
  ];
  return status === null && claims === null && !remove && lists.every((list) => list.length === 0);
}

function nextStatus<Ports>(run: Run<Ports>, outcome: Outcome): BaseStatus & JsonObject {
  const { object, kind } = run;
  const report = reportOf(run);
  const paused = run.paused
    ? [
        {
          type: 'Paused',
          status: 'True' as const,
          reason: reason('Paused', { by: object.metadata.overrides.paused?.by ?? '' }),
        },
      ]
    : [];
  // As kstatus has it: the world stands still until the wish changes, so that nobody waits for more.
  const stalled =
    outcome.kind === 'failed' && outcome.terminal
      ? [{ type: 'Stalled', status: 'True' as const, reason: outcome.reason }]
      : [];
  const unseen = report === null && kind.observe !== undefined;
  return {
    ...(object.status as BaseStatus & JsonObject),
    ...((report?.status ?? {}) as JsonObject),
    observedGeneration: run.provided ? object.metadata.generation : object.status.observedGeneration,
    requests: { ...object.status.requests, ...run.fulfilled },
    refs: { ...pinsOf(run.refs, object.status.refs), ...chosenPins(run) },
    allocated: allocatedBy(run),
    ...(run.landsUntil === null ? {} : { landsUntil: run.landsUntil }),
    ...(run.explanation ? { placement: run.explanation as unknown as JsonObject[] } : {}),
    conditions: nextConditions({
      types: kind.conditions,
      previous: object.status.conditions,
      reported: [
        ...(report?.conditions ?? (unseen ? keptConditions(object.status.conditions) : [])),
        ...paused,
        ...stalled,
      ],
      blocker: blockerOf(run, outcome),
      generation: object.metadata.generation,
      now: run.now(),
    }) as Condition[],
  } as BaseStatus & JsonObject;
}

function reportOf<Ports>(run: Run<Ports>): Report<JsonObject> | null {
  if (!run.kind.report) return null;
  if (run.kind.observe && run.observed === null) return null;
  return run.kind.report(Object.assign(planInput(run, seen(run)), { plan: run.plan ?? { steps: [] } }));
}

/** Nothing was observed this time: what was known stays known, except Ready, which is computed. */
function keptConditions(previous: readonly Condition[]) {
  return previous
    .filter((condition) => !ENGINE_CONDITIONS.has(condition.type))
    .map(({ type, status, reason: code, params }) => ({ type, status, reason: reason(code, params) }));
}

/** Uids that the allocator chose count as used, as what the spec names does. */
function chosenPins<Ports>(run: Run<Ports>): Record<string, string> {
  const chosen = run.claims?.chosen ?? {};
  const slots = (run.kind.pinnedSlots ?? []).filter((slot) => chosen[slot] !== undefined);
  return Object.fromEntries(slots.map((slot) => [`/allocated/${slot}`, chosen[slot] as string]));
}

function allocatedBy<Ports>(run: Run<Ports>): Record<string, string> {
  if (!run.claims) return run.object.status.allocated;
  const unique = run.claims.unique.map(({ slot, value }) => [slot, value] as const);
  return { ...run.claims.chosen, ...Object.fromEntries(unique) };
}

function blockerOf<Ports>(run: Run<Ports>, outcome: Outcome): Reason | null {
  if (outcome.kind === 'waiting' || outcome.kind === 'failed') return outcome.reason;
  if (outcome.kind === 'progressed') return reason('RoundsExhausted', { rounds: run.engine.options.rounds });
  if (run.object.metadata.deletedAt === null) return null;
  return run.deleting ? reason('Deleting') : reason('GracePeriod', { until: run.object.metadata.deletedAt });
}

function schedule<Ports>(run: Run<Ports>, outcome: Outcome): { dueAt: number; attempts: number } {
  const { options, environment } = run.engine;
  const now = run.now();
  const periodMs = run.kind.resyncMs?.({ object: run.object }) ?? options.resyncMs;
  const resync = spreadMs(periodMs, environment.random.next());
  const attempts = outcome.kind === 'failed' ? run.claim.attempts + 1 : 0;
  const due =
    outcome.kind === 'settled' ? onTick(now + resync, periodMs) : now + unsettledMs(run, outcome, { resync, attempts });
  const instant = nextInstant(run.object, now);
  return { dueAt: instant === null ? due : Math.min(due, instant), attempts };
}

function unsettledMs<Ports>(
  { engine: { environment, options } }: Run<Ports>,
  outcome: Exclude<Outcome, { kind: 'settled' }>,
  { resync, attempts }: { resync: number; attempts: number },
): number {
  if (outcome.kind !== 'failed') return Math.min(Math.max(outcome.afterMs, 50), resync);
  return outcome.terminal ? resync : backoffMs(attempts, environment.random.next(), options.backoff);
}

/**
 * Objects at rest come due together, sixty times a period, rather than each at an instant of its own: one look at the queue and one listing
 * of a host serve all of them.
 */
function onTick(due: number, periodMs: number): number {
  const tickMs = Math.max(1, Math.round(periodMs / TICKS));
  return Math.ceil(due / tickMs) * tickMs;
}

/** An event whenever Ready changes its state or its reason. */
function eventsOf(before: readonly Condition[], after: readonly Condition[], outcome: Outcome): EngineEvent[] {
  return after
    .filter((condition) => condition.type === 'Ready')
    .filter((condition) => {
      const old = before.find((candidate) => candidate.type === condition.type);
      return old?.status !== condition.status || old.reason !== condition.reason;
    })
    .slice(0, EVENTS_MAX)
    .map((condition) => ({
      type: outcome.kind === 'failed' ? 'warning' : 'normal',
      reason: reason(condition.reason, condition.params),
    }));
}

import { iso } from './clock.ts';
import { completionOf } from './completion.ts';
import type { Ending } from './deadline.ts';
import type { Engine } from './engine.ts';
import { reason } from './json.ts';
import type { AnyKind } from './kind.ts';
import type { StoredObject } from './object.ts';
import { activeOverride } from './overrides.ts';
import { isLoadedAlike } from './quiet-passes.ts';
import { noteQuietPass, stillQuiet } from './quiet-run.ts';
import { passingRefsOf } from './refs.ts';
import { reserve } from './reserve.ts';
import { refBlocker, resolveRefs } from './resolve-refs.ts';
import { converge, look } from './rounds.ts';
import { planInput, type Run, type Verdict, verdict } from './run.ts';
import type { Claim, OutcomeKind } from './store.ts';
import { StoreUnavailable } from './store-unavailable.ts';

export type ReconcileResult = OutcomeKind | 'fenced' | 'gone';

/**
 * One reconcile of one object: read it, make it hold what it needs, then observe → plan → act until settled, and write everything back
 * in one fenced transaction. It never throws: a defect becomes a failed outcome that is tried again. `holds` says whether the lease surely
 * holds at this moment: a process that stood still may not have heard yet that it lost it.
 */
export async function reconcileOnce<Ports>(
  engine: Engine<Ports>,
  claim: Claim,
  lease: Ending,
  holds: () => boolean = () => true,
): Promise<ReconcileResult> {
  const startedAt = engine.environment.clock.now();
  const reconcileId = `${claim.uid.slice(-12)}-${claim.epoch}`;
  const { outcome, why } = await reconcile(engine, claim, { lease, holds, reconcileId, startedAt });
  const durationMs = engine.environment.clock.now() - startedAt;
  engine.watcher.reconciled?.({ claim, outcome, reason: why, durationMs, reconcileId });
  return outcome;
}

interface Context {
  lease: Ending;
  holds(): boolean;
  reconcileId: string;
  startedAt: number;
}

async function reconcile<Ports>(
  engine: Engine<Ports>,
  claim: Claim,
  context: Context,
): Promise<{ outcome: ReconcileResult; why: string | null }> {
  try {
    const run = await open(engine, claim, context);
    if (!run) return { outcome: 'gone', why: null };
    const ended = await attempt(run);
    const completion = completionOf(run, ended);
    await announceCapacity(run);
    const result = await engine.store.complete(completion);
    noteQuietPass(run, completion, result);
    if (completion.status !== null) await wakeHopeful(engine, claim.kind);
    if (completion.remove && result === 'done') await wakeHeld(run);
    const why = 'reason' in ended.outcome ? ended.outcome.reason.code : null;
    return { outcome: result === 'fenced' ? 'fenced' : ended.outcome.kind, why };
  } catch (error) {
    // Nothing was written, so the row comes due again when its lease ends: a crash and a defect heal the same way.
    if (error instanceof StoreUnavailable) {
      engine.watcher.storeFailed?.(error);
      return { outcome: 'failed', why: 'StoreUnavailable' };
    }
    engine.watcher.defect?.({ claim, error, reconcileId: context.reconcileId });
    return { outcome: 'failed', why: 'InternalError' };
  }
}

/** Those who found no place look again when an object that could give them one has changed. */
async function wakeHopeful<Ports>(engine: Engine<Ports>, kind: string): Promise<void> {
  const uids = engine.pending?.hopeful(kind) ?? [];
  if (uids.length > 0) await engine.store.wake(uids);
}

/** What is being deleted and was held by an object that has just gone need not wait for its next look. */
async function wakeHeld<Ports>({ engine, object, refs }: Run<Ports>): Promise<void> {
  const { project } = object.metadata;
  const lookups = project === null ? [] : [{ kind: 'Project', project: null, name: project, pinnedUid: null }];
  const held = [...refs.map((ref) => ref.object), ...(await engine.store.resolve(lookups))];
  const leaving = held.filter((one) => one !== undefined && one.metadata.deletedAt !== null);
  if (leaving.length > 0) await engine.store.wake(leaving.map((one) => (one as StoredObject).metadata.uid));
}

async function open<Ports>(engine: Engine<Ports>, claim: Claim, context: Context): Promise<Run<Ports> | null> {
  const before = engine.store.quietPasses.before(claim);
  const loaded = await engine.store.load({ uid: claim.uid, known: before?.loaded });
  const kind = engine.registry.kind(claim.kind);
  if (!loaded) return null;
  if (!kind) throw new Error(`No kind ${claim.kind} is registered here.`);
  const { object } = loaded;
  const deletedAt = object.metadata.deletedAt;
  const run: Run<Ports> = {
    engine,
    kind,
    claim,
    lease: context.lease,
    holds: context.holds,
    reconcileId: context.reconcileId,
    now() {
      return claim.claimedAt + (engine.environment.clock.now() - context.startedAt);
    },
    loaded,
    object,
    deleting: false,
    paused: false,
    refs: [],
    claims: loaded.claims,
    provided: kind.allocate === undefined,
    bindings: loaded.bindings,
    children: Object.fromEntries(
      loaded.children.map((child) => [child.metadata.ownerKey ?? child.metadata.uid, child]),
    ),
    observed: null,
    plan: null,
    explanation: null,
    records: [],
    fulfilled: {},
    landsUntil: null,
    before: before && isLoadedAlike(before.loaded, loaded) ? before : null,
    lookups: [],
    impure: false,
    unchanged: false,
    looked: false,
  };
  run.deleting = deletedAt !== null && Date.parse(deletedAt) <= run.now();
  run.paused = activeOverride(object, 'paused', run.now()) === true;
  return run;
}

async function attempt<Ports>(run: Run<Ports>): Promise<Verdict> {
  try {
    return await stages(run);
  } catch (error) {
    // No fault of the object, which must not be said to have one.
    if (error instanceof StoreUnavailable) throw error;
    run.engine.watcher.defect?.({ claim: run.claim, error, reconcileId: run.reconcileId });
    return verdict({ kind: 'failed', reason: reason('InternalError', { id: run.reconcileId }), terminal: false });
  }
}

async function stages<Ports>(run: Run<Ports>): Promise<Verdict> {
  const { engine } = run;
  const quiet = await stillQuiet(run);
  if (quiet) return quiet;
  run.refs = await resolveRefs(engine.store, run.kind, run.object);
  const until = graceEnd(run);
  if (until > run.now()) {
    await look(run, run.now());
    return verdict({ kind: 'waiting', reason: reason('TakenOver', { until: iso(until) }), afterMs: until - run.now() });
  }
  const established = run.bindings.some((binding) => binding.state === 'confirmed');
  const blocker = run.deleting || established ? null : refBlocker(run.refs, passingRefsOf(run.kind as AnyKind));
  if (blocker) {
    if (run.bindings.length > 0) await look(run, run.now());
    return verdict({ kind: 'waiting', reason: blocker, afterMs: 30_000 });
  }
  run.provided ||= run.deleting;
  if (!run.deleting && !run.paused && !engine.options.reportOnly) {
    const lacking = await reserve(run);
    if (lacking) {
      if (run.bindings.length > 0) await look(run, run.now());
      return verdict(lacking);
    }
    run.provided = true;
  }
  return converge(run);
}

/**
 * Epoch ms until when acts of an instance that lost this row may still land; 0: none can. A wake may bring the row back before that, so the
 * status remembers it. What is deleted waits for its own unanswered calls as well: nobody would look for what they leave.
 */
function graceEnd<Ports>({ claim, engine, object, deleting }: Run<Ports>): number {
  const { takeoverGraceMs } = engine.options;
  const taken = claim.takenOverFrom === null ? 0 : claim.takenOverFrom + takeoverGraceMs;
  const ready = object.status.conditions.find(({ type }) => type === 'Ready');
  const noted = ready?.reason === 'TakenOver' ? Date.parse(String(ready.params.until)) : Number.NaN;
  const landing = deleting ? Date.parse(object.status.landsUntil ?? '') : Number.NaN;
  return Math.max(taken, noted || 0, landing || 0);
}

const announced = new WeakMap<object, Map<string, number>>();

/** Tells the store a place's capacity when it differs from what this engine told it last. */
async function announceCapacity<Ports>(run: Run<Ports>): Promise<void> {
  const rows =
    run.kind.capacity && run.observed && !run.deleting && !run.unchanged
      ? run.kind.capacity(planInput(run, run.observed))
      : null;
  if (!rows) return;
  const known = announced.get(run.engine) ?? new Map<string, number>();
  announced.set(run.engine, known);
  const changed = rows.filter((row) => known.get(`${row.place} ${row.resource}`) !== row.limit);
  if (changed.length === 0) return;
  await run.engine.store.setCapacity(changed);
  for (const row of changed) known.set(`${row.place} ${row.resource}`, row.limit);
}

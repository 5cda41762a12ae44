import { type Ending, withDeadline } from './deadline.ts';
import type { Engine } from './engine.ts';
import { type Reason, reason } from './json.ts';
import type { ActResult, AnyKind, Refs } from './kind.ts';
import type { StoredObject } from './object.ts';
import type { Step } from './plan.ts';
import type { Claim, StepRecord } from './store.ts';
import { whileWished } from './while-wished.ts';

export interface Performance {
  records: StepRecord[];
  /** Requests fulfilled by steps that succeeded. */
  fulfilled: Record<string, string>;
  /** The first step that did not succeed. */
  stopped: { reason: Reason; retry: 'backoff' | 'never' | 'wait' } | null;
}

/** Acts the steps in order and stops at the first that fails. Each act runs under its deadline and the claim's lease. */
export async function perform<Ports>(
  engine: Engine<Ports>,
  input: {
    kind: AnyKind<Ports>;
    claim: Claim;
    object: StoredObject;
    refs: Refs;
    steps: readonly Step[];
    lease: Ending;
    holds(): boolean;
    drift: boolean;
    reconcileId: string;
  },
): Promise<Performance> {
  const done: Performance = { records: [], fulfilled: {}, stopped: null };
  for (const step of input.steps) {
    if (input.lease.aborted || !input.holds())
      return { ...done, stopped: { reason: reason('TakenOver'), retry: 'wait' } };
    const startedAt = engine.environment.clock.now();
    const result = await act(engine, { ...input, step });
    const durationMs = engine.environment.clock.now() - startedAt;
    done.records.push(record(input, step, result, { startedAt, durationMs }));
    engine.watcher.acted?.({
      kind: input.object.kind,
      uid: input.object.metadata.uid,
      verb: step.verb,
      ok: result.ok,
      reason: result.ok ? null : result.reason.code,
      durationMs,
      drift: input.drift && step.request === undefined,
      reconcileId: input.reconcileId,
    });
    if (!result.ok) return { ...done, stopped: { reason: result.reason, retry: result.retry } };
    if (step.request) done.fulfilled[step.request.name] = step.request.token;
  }
  return done;
}

async function act<Ports>(
  engine: Engine<Ports>,
  {
    kind,
    object,
    refs,
    step,
    lease,
  }: { kind: AnyKind<Ports>; object: StoredObject; refs: Refs; step: Step; lease: Ending },
): Promise<ActResult> {
  const known = kind.acts?.[step.verb];
  if (!known) throw new Error(`${kind.kind} planned "${step.verb}" but has no such act.`);
  const { ports, installationId, environment, options } = engine;
  const run = (signal: () => AbortSignal) =>
    known.run({
      ports,
      args: step.args,
      object,
      refs,
      installationId,
      get signal() {
        return signal();
      },
    });
  const { uid } = object.metadata;
  const timed = await withDeadline(
    environment.clock,
    { deadlineMs: known.deadlineMs ?? options.actDeadlineMs, outer: lease },
    known.endsWhenDeleted
      ? (signal) => whileWished(engine, { uid, outer: signal() }, (given) => run(() => given))
      : run,
  );
  if (timed.outcome === 'done') return timed.value;
  // The outcome is unknown: the next observation tells. Never taken for a failure of the world.
  const [code, message] =
    timed.outcome === 'timedOut' ? ['TimedOut', 'none within its deadline'] : ['ActFailed', 'the lease was lost'];
  return { ok: false, reason: reason(code, { verb: step.verb, message }), retry: 'backoff' };
}

function record(
  { object, reconcileId }: { object: StoredObject; reconcileId: string },
  step: Step,
  result: ActResult,
  time: { startedAt: number; durationMs: number },
): StepRecord {
  return {
    verb: step.verb,
    args: step.args,
    why: step.why,
    risk: step.risk,
    place: step.place,
    changes: step.changes ?? [],
    ...time,
    result: result.ok ? { ok: true } : { ok: false, reason: result.reason },
    reconcileId,
    generation: object.metadata.generation,
  };
}

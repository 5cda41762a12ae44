import { type Claims, NO_CLAIMS } from './claims.ts';
import { jsonEqual } from './equal.ts';
import { reason } from './json.ts';
import type { Outcome } from './outcome.ts';
import { refsView } from './resolve-refs.ts';
import type { Run } from './run.ts';

const LOST_RACES_MAX = 5;

/**
 * Makes the object hold what it needs before anything outside exists: places, addresses, capacity, and the finalizer. The choice is the
 * kind's (pure); the store's constraints decide. Answers null when it holds everything, else why not.
 */
export async function reserve<Ports>(run: Run<Ports>): Promise<Outcome | null> {
  const { kind, object, engine } = run;
  const outside = kind.acts !== undefined || kind.observe !== undefined;
  if (!kind.allocate) return outside && !object.metadata.finalizer ? take(run, run.claims ?? NO_CLAIMS) : null;
  const chosen = run.claims !== null && object.metadata.generation === object.status.observedGeneration;
  if (chosen && object.metadata.finalizer && fits(run)) return null;

  for (let attempt = 0; attempt < LOST_RACES_MAX; attempt++) {
    const allocation = await allocate(run, attempt);
    if ('waiting' in allocation) {
      run.explanation = allocation.explanation ?? null;
      engine.pending?.waits(object.metadata.uid, kind.consult?.(subjectOf(run)).kinds ?? []);
      return { kind: 'waiting', reason: allocation.waiting, afterMs: allocation.afterMs };
    }
    run.explanation = allocation.claims.explanation ?? null;
    engine.pending?.settled(object.metadata.uid);
    if (object.metadata.finalizer && sameClaims(run.claims, allocation.claims)) return null;
    const lost = await take(run, allocation.claims);
    if (lost?.kind !== 'waiting' || lost.reason.code !== 'LostRace') return lost;
  }
  return { kind: 'waiting', reason: reason('LostRace', { pool: 'capacity' }), afterMs: 250 };
}

/** A kind may outgrow its claims without a change of its spec: what it let go was seen gone, a host came or went. */
function fits<Ports>(run: Run<Ports>): boolean {
  const { kind, claims } = run;
  if (claims === null || !kind.fits) return true;
  return kind.fits({
    object: run.object,
    refs: refsView(run.refs),
    get now() {
      run.impure = true;
      return run.now();
    },
    held: claims,
  });
}

async function allocate<Ports>(run: Run<Ports>, attempt: number) {
  const { kind, engine } = run;
  run.impure = true;
  const subject = subjectOf(run);
  const asked = kind.consult?.(subject) ?? {};
  const shared = await engine.store.consult({
    kinds: asked.kinds ?? [],
    pools: asked.pools ?? [],
    capacity: asked.capacity ?? false,
  });
  if (!kind.allocate) throw new Error(`${kind.kind} has no allocator.`);
  const allocation = kind.allocate({ ...subject, world: shared.world, held: run.claims, attempt });
  if ('claims' in allocation && run.claims === null) shared.note(allocation.claims);
  return allocation;
}

function subjectOf<Ports>(run: Run<Ports>) {
  return { object: run.object, refs: refsView(run.refs), now: run.now() };
}

async function take<Ports>(run: Run<Ports>, claims: Claims): Promise<Outcome | null> {
  const result = await run.engine.store.reserve({ claim: run.claim, claims, incarnation: incarnationOf(run) });
  if (result.outcome === 'fenced') return { kind: 'waiting', reason: reason('TakenOver'), afterMs: 0 };
  if (result.outcome === 'lost') {
    return { kind: 'waiting', reason: reason('LostRace', { pool: result.pool }), afterMs: 250 };
  }
  run.claims = claims;
  run.bindings = result.bindings;
  run.looked = false;
  run.object = { ...run.object, metadata: { ...run.object.metadata, finalizer: true } };
  return null;
}

function incarnationOf<Ports>(run: Run<Ports>): number {
  return run.bindings.reduce((highest, binding) => Math.max(highest, binding.incarnation), 0);
}

function sameClaims(a: Claims | null, b: Claims): boolean {
  if (a === null) return false;
  const bare = ({ places, unique, capacity, chosen }: Claims) => ({ places, unique, capacity, chosen });
  return jsonEqual(bare(a), bare(b));
}

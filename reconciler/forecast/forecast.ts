import { type Admission, type ApplyRequest, type ApplyResult, applyManifests } from '../admission/apply.ts';
import { deleteObjects } from '../admission/change.ts';
import type { AdmissionIssue } from '../admission/manifest.ts';
import type { Sealer } from '../admission/seal.ts';
import type { Clock, Ids } from '../clock.ts';
import { isReady } from '../conditions.ts';
import { DEFAULT_OPTIONS, type Engine } from '../engine.ts';
import { jsonEqual } from '../equal.ts';
import type { JsonObject } from '../json.ts';
import { keyOf, keyText, type ObjectKey, type StoredObject } from '../object.ts';
import type { FieldChange } from '../plan.ts';
import { reconcileOnce } from '../reconcile.ts';
import type { Registry } from '../registry.ts';
import { openSession } from '../session.ts';
import type { EngineStore, ObjectStore, StepRecord } from '../store.ts';
import { dependentsOf } from './dependents.ts';
import { ALL_SHARDS, createOverlay, type Overlay } from './overlay.ts';
import { type Touched, touchedBy } from './touched.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

export interface ForecastRequest<Ports> {
  registry: Registry<Ports>;
  base: EngineStore & ObjectStore;
  /** A world like the real one in which acting is harmless, on the given clock. `store` knows what the forecast knows: new hosts and pools too. */
  world(clock: Clock, store: EngineStore & ObjectStore): Ports;
  ids: Ids;
  sealer: Sealer;
  /** What applying and deleting would be refused for beside the objects. */
  reviews?: Pick<Admission, 'review' | 'reviewChange'>;
  installationId: string;
  startMs: number;
  apply: ApplyRequest;
  deletes: readonly ObjectKey[];
  /** Objects to compare with the world as it is: drift. */
  look?: readonly ObjectKey[];
}

export type ForecastOutcome =
  /** `touched`: for those who want to know more of it than people are shown. */
  { ok: true; forecast: Forecast; touched?: readonly Touched[] } | { ok: false; issues: AdmissionIssue[] };

export interface Forecast {
  objects: ForecastObject[];
  /** All steps of all objects, in the order in which they would run. */
  steps: { key: ObjectKey; step: StepRecord }[];
  /** False: still at work when the forecast's horizon was reached. */
  complete: boolean;
  /** Generations the forecast was made against; 0 = did not exist. */
  generations: Record<string, number>;
  /** What it costs, as whoever bills says it. */
  price?: JsonObject;
}

export interface ForecastObject {
  key: ObjectKey;
  /** `affected`: not in the request, but steps run on it. */
  change: ApplyResult['change'] | 'deleted' | 'affected';
  changes: FieldChange[];
  /** Ready, gone, or why not, in the end. */
  end: { ready: boolean; gone: boolean; reason: string; params: Record<string, string | number | boolean> };
}

const HORIZON_MS = 600_000;
const TURNS_MAX = 400;

/** What would happen: the production engine on an overlay of the store and a copy of the world, until nothing is left to do. */
export async function forecast<Ports>(request: ForecastRequest<Ports>): Promise<ForecastOutcome> {
  const clock = createVirtualClock(request.startMs);
  const environment = { clock, ids: request.ids, random: { next: () => 0.5 } };
  const overlay = createOverlay({ base: request.base, clock, registry: request.registry as Registry });
  const admission = { registry: request.registry as Registry, store: overlay, environment, sealer: request.sealer };

  // Judged against the base first, so that ten thousand unchanged manifests cost no overlay.
  const asked = { ...request.apply, deletes: request.deletes, dryRun: true };
  const { review, reviewChange } = request.reviews ?? {};
  const judging = { ...admission, store: request.base, ...(review && { review }) };
  const applied = await applyManifests(judging, asked);
  if (!applied.ok) return applied;
  const standing = await standingOf(request, applied.results);
  const moved = applied.results.map((result) => moves(result, standing.get(keyText(result.key))));
  const manifests = request.apply.manifests.filter((_, index) => moved[index]);
  const accepted = await applyManifests(admission, { ...request.apply, manifests });
  if (!accepted.ok) return accepted;
  const touched = [...applied.results.filter((_, index) => moved[index]).map(({ key }) => key), ...request.deletes];
  await overlay.bring(
    await dependentsOf(
      { registry: admission.registry, store: request.base },
      touched.flatMap((key) => standing.get(keyText(key)) ?? []),
    ),
  );
  const deleted = await deleteObjects(
    { ...admission, ...(reviewChange && { reviewChange }) },
    { keys: request.deletes, principal: request.apply.principal },
  );
  if (!deleted.ok) return deleted;

  const looked = (await overlay.getByKey(request.look ?? [])).filter((object) => object !== undefined);
  await overlay.wake(looked.map((object) => object.metadata.uid));

  const steps: Forecast['steps'] = [];
  const engine: Engine<Ports> = {
    registry: request.registry,
    store: openSession(recording(overlay, steps)),
    ports: request.world(clock, overlay),
    environment,
    installationId: request.installationId,
    options: DEFAULT_OPTIONS,
    watcher: {},
  };
  const complete = await runOut(engine, overlay, clock);
  const objects = await summary(overlay, {
    results: applied.results,
    deletes: request.deletes,
    look: request.look ?? [],
    steps,
  });
  const generations = Object.fromEntries(
    [...applied.results.map(({ key }) => key), ...request.deletes]
      .map(keyText)
      .map((key) => [key, standing.get(key)?.metadata.generation ?? 0]),
  );
  const made = { objects, steps, complete, generations };
  return { ok: true, forecast: made, touched: await touchedBy({ base: request.base, overlay }, objects, standing) };
}

/** The objects of the request as they stand; those that were found unchanged need not be read again. */
async function standingOf<Ports>(
  { base, deletes }: ForecastRequest<Ports>,
  results: readonly ApplyResult[],
): Promise<ReadonlyMap<string, StoredObject>> {
  const unchanged = results.filter(({ change }) => change === 'unchanged').map(({ object }) => object);
  const configured = results.filter(({ change }) => change === 'configured').map(({ key }) => key);
  const found = await base.getByKey([...configured, ...deletes]);
  return new Map([...unchanged, ...found].flatMap((object) => (object ? [[keyText(keyOf(object)), object]] : [])));
}

/**
 * Whether anything can follow from a change. Nothing does from another source's owning the same values, nor from a risk that is allowed
 * while nothing waits for it.
 */
function moves({ change, changes, object }: ApplyResult, standing: StoredObject | undefined): boolean {
  if (change === 'unchanged') return false;
  if (!standing || changes.length > 0) return true;
  const { managed, allowedRisk } = object.metadata;
  const asOwned = { ...standing.metadata, managed, ...(isReady(standing) && { allowedRisk }) };
  return !jsonEqual(asOwned, object.metadata);
}

/**
 * Reconciles all that is due, moving time on while something waits, until nothing is due within the horizon. Where everything is settled
 * time stands: what an object does from time to time is neither a difference nor follows from one.
 */
async function runOut<Ports>(engine: Engine<Ports>, overlay: Overlay, clock: VirtualClock): Promise<boolean> {
  const end = clock.now() + HORIZON_MS;
  let quietSince = clock.now();
  const unsettled = new Set<string>();
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const claims = await overlay.claim({ shards: ALL_SHARDS, limit: 1_000, leaseMs: 86_400_000, holder: 'forecast' });
    const results = await Promise.all(
      claims.map((claim) => reconcileOnce(engine, claim, new AbortController().signal)),
    );
    if (results.some((result) => result === 'progressed')) quietSince = clock.now();
    for (const [index, { uid }] of claims.entries())
      if (results[index] === 'settled' || results[index] === 'gone') unsettled.delete(uid);
      else unsettled.add(uid);
    if (claims.length > 0) continue;
    if (unsettled.size === 0) return true;
    const due = await overlay.nextDueAt(ALL_SHARDS);
    if (due === null || due > end || due - quietSince > HORIZON_MS / 2) return true;
    clock.advanceTo(due);
  }
  return false;
}

/** Notes every step that is written back, with the object it ran on. */
function recording(overlay: Overlay, steps: Forecast['steps']): EngineStore {
  return {
    ...overlay,
    complete: async (completions) => {
      const noisy = completions.filter((completion) => completion.steps.length > 0);
      const objects = await overlay.getByUid(noisy.map(({ claim }) => claim.uid));
      noisy.forEach((completion, index) => {
        const object = objects[index];
        if (!object) return;
        const key = { kind: object.kind, project: object.metadata.project, name: object.metadata.name };
        steps.push(...completion.steps.map((step) => ({ key, step })));
      });
      return overlay.complete(completions);
    },
  };
}

async function summary(
  overlay: Overlay,
  {
    results,
    deletes,
    look,
    steps,
  }: {
    results: readonly ApplyResult[];
    deletes: readonly ObjectKey[];
    look: readonly ObjectKey[];
    steps: Forecast['steps'];
  },
): Promise<ForecastObject[]> {
  const named: Pick<ForecastObject, 'key' | 'change' | 'changes'>[] = [
    ...results.map(({ key, change, changes }) => ({ key, change, changes })),
    ...deletes.map((key) => ({ key, change: 'deleted' as const, changes: [] })),
    ...look.map((key) => ({ key, change: 'unchanged' as const, changes: [] })),
  ];
  const seen = new Set(named.map(({ key }) => keyText(key)));
  for (const { key } of steps) {
    if (seen.has(keyText(key))) continue;
    seen.add(keyText(key));
    named.push({ key, change: 'affected', changes: [] });
  }
  const ends = await endsOf(overlay, { results, keys: named.map(({ key }) => key) });
  return named.map((one, index) => {
    const ready = ends[index]?.status.conditions.find((condition) => condition.type === 'Ready');
    const gone = ends[index] === undefined;
    return {
      ...one,
      end: {
        ready: ready?.status === 'True',
        gone,
        reason: ready?.reason ?? (gone ? 'Gone' : 'Pending'),
        params: ready?.params ?? {},
      },
    };
  });
}

/** How the objects are in the end: what was never brought over is as it was. */
async function endsOf(
  overlay: Overlay,
  { results, keys }: { results: readonly ApplyResult[]; keys: readonly ObjectKey[] },
): Promise<(StoredObject | undefined)[]> {
  const left = results.filter(({ change, object }) => change !== 'created' && !overlay.brought(object));
  const quiet = new Map(left.map(({ key, object }) => [keyText(key), object]));
  const reached = keys.filter((key) => !quiet.has(keyText(key)));
  const found = await overlay.getByKey(reached);
  const ends = new Map([...quiet, ...reached.map((key, index) => [keyText(key), found[index]] as const)]);
  return keys.map((key) => ends.get(keyText(key)));
}

import { type ApplyRequest, type ApplyResult, applyManifests } from '../admission/apply.ts';
import { deleteObjects } from '../admission/change.ts';
import type { AdmissionIssue } from '../admission/manifest.ts';
import type { Sealer } from '../admission/seal.ts';
import type { Clock, Ids } from '../clock.ts';
import { DEFAULT_OPTIONS, type Engine } from '../engine.ts';
import { keyText, type ObjectKey } from '../object.ts';
import type { FieldChange } from '../plan.ts';
import { reconcileOnce } from '../reconcile.ts';
import type { Registry } from '../registry.ts';
import { openSession } from '../session.ts';
import type { EngineStore, ObjectStore, StepRecord } from '../store.ts';
import { dependentsOf } from './dependents.ts';
import { ALL_SHARDS, createOverlay, type Overlay } from './overlay.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

export interface ForecastRequest<Ports> {
  registry: Registry<Ports>;
  base: EngineStore & ObjectStore;
  /** A world like the real one in which acting is harmless, on the given clock. `store` knows what the forecast knows: new hosts and pools too. */
  world(clock: Clock, store: EngineStore & ObjectStore): Ports;
  ids: Ids;
  sealer: Sealer;
  installationId: string;
  startMs: number;
  apply: ApplyRequest;
  deletes: readonly ObjectKey[];
  /** Objects to compare with the world as it is: drift. */
  look?: readonly ObjectKey[];
}

export type ForecastOutcome = { ok: true; forecast: Forecast } | { ok: false; issues: AdmissionIssue[] };

export interface Forecast {
  objects: ForecastObject[];
  /** All steps of all objects, in the order in which they would run. */
  steps: { key: ObjectKey; step: StepRecord }[];
  /** False: still at work when the forecast's horizon was reached. */
  complete: boolean;
  /** Generations the forecast was made against; 0 = did not exist. */
  generations: Record<string, number>;
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
  const applied = await applyManifests({ ...admission, store: request.base }, { ...request.apply, dryRun: true });
  if (!applied.ok) return applied;
  const manifests = request.apply.manifests.filter((_, index) => applied.results[index]?.change !== 'unchanged');
  const accepted = await applyManifests(admission, { ...request.apply, manifests });
  if (!accepted.ok) return accepted;
  const before = await request.base.getByKey([...applied.results.map(({ key }) => key), ...request.deletes]);
  const touched = before.filter((object, index) => object && applied.results[index]?.change !== 'unchanged');
  await overlay.bring(
    await dependentsOf(
      { registry: admission.registry, store: request.base },
      touched.filter((o) => o !== undefined),
    ),
  );
  const deleted = await deleteObjects(admission, { keys: request.deletes, principal: request.apply.principal });
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
    [...applied.results.map(({ key }) => key), ...request.deletes].map((key, i) => [
      keyText(key),
      before[i]?.metadata.generation ?? 0,
    ]),
  );
  return { ok: true, forecast: { objects, steps, complete, generations } };
}

/** Reconciles all that is due, moving time on, until nothing is due within the horizon. */
async function runOut<Ports>(engine: Engine<Ports>, overlay: Overlay, clock: VirtualClock): Promise<boolean> {
  const end = clock.now() + HORIZON_MS;
  let quietSince = clock.now();
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const claims = await overlay.claim({ shards: ALL_SHARDS, limit: 1_000, leaseMs: 86_400_000, holder: 'forecast' });
    const results = await Promise.all(
      claims.map((claim) => reconcileOnce(engine, claim, new AbortController().signal)),
    );
    if (results.some((result) => result === 'progressed')) quietSince = clock.now();
    if (claims.length > 0) continue;
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
  const ends = await overlay.getByKey(named.map(({ key }) => key));
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

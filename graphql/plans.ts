import { applyManifests } from '../reconciler/admission/apply.ts';
import type { ManifestInput } from '../reconciler/admission/manifest.ts';
import { sealSecrets } from '../reconciler/admission/seal.ts';
import { iso } from '../reconciler/clock.ts';
import type { Forecast, ForecastObject } from '../reconciler/forecast/forecast.ts';
import type { JsonObject } from '../reconciler/json.ts';
import { render } from '../reconciler/messages.ts';
import { keyOf, keyText, type ObjectKey, type StoredObject } from '../reconciler/object.ts';
import type { Risk } from '../reconciler/plan.ts';
import type { SavedPlan, StepRow } from '../reconciler/store.ts';
import type { Builder } from './builder.ts';
import type { Context } from './context.ts';
import type { Derived } from './derive/derived.ts';
import { UserError } from './derive/list.ts';
import { type KeyInput, keysOf, manifestsOf } from './mutations.ts';
import { addPrice, visiblePrice } from './price.ts';
import type { ObjectTypes } from './types/object.ts';
import type { AdmissionFailure, ApplySuccess, ResultTypes } from './types/results.ts';

interface PlanView {
  tag: 'Plan';
  id: string | null;
  forecast: Forecast;
  createdAt: number;
}

/** Plans: foresee a change, keep what was foreseen, and apply exactly that. */
export function addPlans(builder: Builder, types: ObjectTypes & { results: ResultTypes }): void {
  const { results, common, records } = types;
  const objectEnd = builder.objectRef<ForecastObject>('PlannedObject').implement({
    fields: (t) => ({
      key: t.field({ type: results.key, resolve: (o) => o.key }),
      change: t.exposeString('change', {
        description: 'created, configured, unchanged, deleted, or affected by the others.',
      }),
      changes: t.field({ type: [common.fieldChange], resolve: (o) => o.changes }),
      ready: t.boolean({ description: 'Ready in the end.', resolve: (o) => o.end.ready }),
      gone: t.boolean({ resolve: (o) => o.end.gone }),
      reason: t.string({ resolve: (o) => o.end.reason }),
      message: t.string({
        resolve: (o, _args, { api }) => render(api.registry, o.key.kind, { code: o.end.reason, params: o.end.params }),
      }),
    }),
  });
  const plan = builder.objectRef<PlanView>('Plan').implement({
    description: 'What would happen, found out by running the engine on a copy of store and world.',
    isTypeOf: (value) => (value as PlanView).tag === 'Plan',
    fields: (t) => ({
      id: t.id({
        nullable: true,
        description: 'Set when the plan was saved: pass it to applyPlan.',
        resolve: (p) => p.id,
      }),
      createdAt: t.field({ type: 'DateTime', resolve: (p) => iso(p.createdAt) }),
      complete: t.boolean({
        description: 'False: still at work when the horizon of the forecast was reached.',
        resolve: (p) => p.forecast.complete,
      }),
      objects: t.field({ type: [objectEnd], resolve: (p) => p.forecast.objects }),
      steps: t.field({
        type: [records.step],
        description: 'In the order in which they would run.',
        resolve: (p) => p.forecast.steps.map(stepRow),
      }),
      price: t.field({
        type: addPrice(builder),
        nullable: true,
        description: 'What it costs. Nothing where it touches nothing that is billed.',
        resolve: ((p: PlanView) => visiblePrice(p.forecast)) as Derived,
      }),
    }),
  });
  const planResult = builder.unionType('PlanResult', { types: [plan, results.failure] });
  addPlanMutations(builder, types, planResult);
  builder.interfaceField(types.object, 'plan', (t) =>
    t.field({
      type: [records.step],
      description:
        'What the loops would do for it now: empty when the world is as wished. Found out on a copy of the world.',
      resolve: (object, _args, context) => stepsNow(context, object),
    }),
  );
}

async function stepsNow({ api, principal }: Context, object: StoredObject): Promise<StepRow[]> {
  const key = keyOf(object);
  const outcome = await api.forecast({ apply: { manifests: [], principal, source: 'api' }, deletes: [], look: [key] });
  if (!outcome.ok) throw new Error(`Looking at ${keyText(key)} was refused: ${outcome.issues[0]?.message}`);
  return outcome.forecast.steps.filter((step) => keyText(step.key) === keyText(key)).map(stepRow);
}

function addPlanMutations(
  builder: Builder,
  { results, common }: ObjectTypes & { results: ResultTypes },
  planResult: Derived,
): void {
  builder.mutationField('plan', (t) =>
    t.field({
      type: planResult,
      description:
        'Foresees applying manifests and deleting objects, and changes nothing. With neither, and objects to look at: drift.',
      args: {
        manifests: t.arg({ type: ['JSON'] }),
        deletes: t.arg({ type: [results.keyInput] }),
        look: t.arg({ type: [results.keyInput], description: 'Compare these with the world as it is now.' }),
        source: t.arg.string({ defaultValue: 'api' }),
        takeOver: t.arg.boolean(),
        allowedRisk: t.arg({ type: common.risk }),
        save: t.arg.boolean({ description: 'Keep it for applyPlan.' }),
      },
      resolve: async (_root, args, context) => makePlan(context, args as PlanArgs) as never,
    }),
  );
  builder.mutationField('applyPlan', (t) =>
    t.field({
      type: results.applyResult,
      description: 'Applies exactly what a saved plan showed; refused if anything it was made against has changed.',
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context) => applyPlan(context, String(id)),
    }),
  );
}

interface PlanArgs {
  manifests?: unknown[] | null;
  deletes?: KeyInput[] | null;
  look?: KeyInput[] | null;
  source?: string | null;
  takeOver?: boolean | null;
  allowedRisk?: Risk | null;
  save?: boolean | null;
}

async function makePlan({ api, principal }: Context, args: PlanArgs): Promise<PlanView | AdmissionFailure> {
  const manifests = manifestsOf(args.manifests ?? []);
  const deletes = args.deletes?.length ? keysOf(api.registry, args.deletes) : [];
  const look = args.look?.length ? keysOf(api.registry, args.look) : [];
  const source = args.source ?? 'api';
  const allowedRisk = args.allowedRisk ?? 'none';
  const outcome = await api.forecast({
    apply: { manifests, principal, source, allowedRisk, takeOver: args.takeOver ?? false },
    deletes,
    look,
  });
  if (!outcome.ok) return { tag: 'AdmissionFailure', issues: outcome.issues };
  const { forecast } = outcome;
  const createdAt = api.admission.environment.clock.now();
  if (!args.save) return { tag: 'Plan', id: null, forecast, createdAt };
  const id = api.admission.environment.ids.uid();
  const saved: SavedPlan = {
    id,
    createdAt,
    createdBy: principal.actor,
    manifests: manifests.map((manifest) => withSecretsSealed(api, manifest)) as unknown as JsonObject[],
    deletes,
    generations: forecast.generations,
    source,
    allowedRisk,
    shown: forecast as unknown as JsonObject,
  };
  await api.store.savePlan(saved);
  return { tag: 'Plan', id, forecast, createdAt };
}

/** A plan is kept in the store, so what it will apply is sealed as it is anywhere else in there. */
function withSecretsSealed({ registry, admission }: Context['api'], manifest: ManifestInput): ManifestInput {
  const kind = registry.kind(manifest.kind);
  return kind
    ? { ...manifest, spec: sealSecrets(kind, { spec: manifest.spec, previous: null, sealer: admission.sealer }) }
    : manifest;
}

async function applyPlan({ api, principal }: Context, id: string): Promise<ApplySuccess | AdmissionFailure> {
  const plan = await api.store.loadPlan(id);
  if (!plan)
    throw new UserError(`id: there is no saved plan "${id}". Plans are kept for a limited time; make a new one.`);
  const stale = await staleDeletes(api.store, plan);
  if (stale)
    return {
      tag: 'AdmissionFailure',
      issues: [
        {
          index: 0,
          key: stale,
          path: '',
          code: 'Conflict',
          message: `${keyText(stale)} changed since the plan was made. Plan again.`,
        },
      ],
    };
  const { source, allowedRisk, generations, deletes } = plan;
  const manifests = manifestsOf(plan.manifests);
  const request = { manifests, deletes, principal, source, allowedRisk, generations };
  const outcome = await applyManifests(api.admission, request);
  if (!outcome.ok) return { tag: 'AdmissionFailure', issues: outcome.issues };
  return { tag: 'ApplySuccess', results: outcome.results };
}

async function staleDeletes(store: Context['api']['store'], plan: SavedPlan): Promise<ObjectKey | undefined> {
  const objects = await store.getByKey(plan.deletes);
  return plan.deletes.find(
    (key, index) => (objects[index]?.metadata.generation ?? 0) !== plan.generations[keyText(key)],
  );
}

function stepRow({ key, step }: Forecast['steps'][number]): StepRow {
  return { ...step, at: step.startedAt, uid: '', kind: key.kind, name: key.name, project: key.project };
}

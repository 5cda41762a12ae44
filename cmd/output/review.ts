import type { Price } from '../../billing/forecast/price.ts';
import { specFields } from '../../manifests/validate.ts';
import { jsonEqual } from '../../reconciler/equal.ts';
import type { Json } from '../../reconciler/json.ts';
import { keyText, type ObjectKey } from '../../reconciler/object.ts';
import type { FieldChange, Risk } from '../../reconciler/plan.ts';
import { REGISTRY } from '../../resources/registry.ts';
import type { Paint } from '../io.ts';
import { changeLines } from './changes.ts';
import { PRICE_FIELDS, priceLines } from './price.ts';

/** What the server foresees, as the API answers it. */
export interface PlanView {
  id: string | null;
  complete: boolean;
  objects: {
    key: ObjectKey;
    change: 'created' | 'configured' | 'unchanged' | 'deleted' | 'affected';
    changes: FieldChange[];
    ready: boolean;
    gone: boolean;
    reason: string;
    message: string;
  }[];
  steps: {
    kind: string;
    project: string | null;
    name: string;
    verb: string;
    args: Record<string, Json>;
    risk: Risk;
    message: string;
    changes: FieldChange[];
    ok: boolean;
    error: string | null;
  }[];
  /** Absent where nothing that is billed changes. */
  price?: Price | null;
}

export const PLAN_FIELDS = `... on Plan {
  id complete
  objects { key { kind project name } change changes { path from to } ready gone reason message }
  steps { kind project name verb args risk message changes { path from to } ok error }
  ${PRICE_FIELDS}
}`;

const RISK_WORDS: Record<Risk, string> = {
  none: '',
  restart: 'restarts it',
  replace: 'replaces it',
  dataLoss: 'LOSES DATA',
};

const COST_WORDS = {
  restart: '{count} restarted',
  replace: '{count} replaced',
  dataLoss: '{count} LOSE DATA',
} as const;

/** True if anything would be written or done. */
export function hasChanges(plan: PlanView): boolean {
  return plan.steps.length > 0 || plan.objects.some(({ change }) => change !== 'unchanged');
}

/** A plan as a review: what changes, field by field; what is done, in order; what it costs; how it ends. */
export function reviewText(plan: PlanView, paint: Paint): string {
  if (!hasChanges(plan)) return 'Nothing to do: everything is as wished.\n';
  const objects = plan.objects.filter(({ change }) => change !== 'unchanged');
  const sections = [
    objects.flatMap((object) => objectLines(object, plan, paint)),
    plan.steps.length > 0 ? ['', paint.bold('Steps, in order:'), ...stepLines(plan, paint)] : [],
    plan.price ? ['', ...priceLines(plan.price, paint)] : [],
    ['', ...endLines(plan, paint), totals(plan, paint)],
  ];
  return `${sections.flat().join('\n')}\n`;
}

function objectLines(object: PlanView['objects'][number], plan: PlanView, paint: Paint): string[] {
  const sign = {
    created: paint.good('+'),
    configured: paint.warn('~'),
    deleted: paint.bad('-'),
    affected: paint.warn('!'),
    unchanged: ' ',
  }[object.change];
  const risks = [...new Set(plan.steps.filter((step) => isOf(step, object.key)).map((step) => step.risk))];
  const cost = risks.filter((risk) => risk !== 'none').map((risk) => riskText(risk, paint));
  const words = object.change === 'affected' ? 'follows from the others' : object.change;
  const head = `${sign} ${paint.bold(keyText(object.key))} ${words}${cost.length > 0 ? `, ${cost.join(', ')}` : ''}`;
  return [head, ...changeLines(object.change === 'created' ? withoutDefaults(object) : object.changes, paint)];
}

/** A new object is reviewed by what was written, not by what the schema adds to it. */
function withoutDefaults({ key, changes }: PlanView['objects'][number]): FieldChange[] {
  const kind = REGISTRY.kind(key.kind);
  const defaults = new Map((kind ? specFields(kind) : []).map((field) => [field.path, field.default]));
  return changes.filter(({ path, to }) => !jsonEqual(to, defaults.get(path)));
}

function stepLines({ steps }: PlanView, paint: Paint): string[] {
  const width = String(steps.length).length;
  return steps.flatMap((step, i) => {
    const risk = step.risk === 'none' ? '' : `  [${riskText(step.risk, paint)}]`;
    const failed = step.ok ? '' : `  ${paint.bad(`would fail: ${step.error ?? ''}`)}`;
    const number = String(i + 1).padStart(width + 2);
    const line = `${number}. ${step.verb} ${keyText(step)}  ${paint.dim(step.message)}${risk}${failed}`;
    return [line, ...changeLines(step.changes, paint, ' '.repeat(width + 6))];
  });
}

function riskText(risk: Risk, paint: Paint): string {
  return risk === 'restart' ? paint.warn(RISK_WORDS[risk]) : paint.bad(RISK_WORDS[risk]);
}

/** Objects that would not be as wished in the end. */
function endLines(plan: PlanView, paint: Paint): string[] {
  const stuck = plan.objects.filter((o) => o.change !== 'unchanged' && !o.ready && !o.gone);
  const lines = stuck.map((o) => `${paint.warn('Not ready in the end:')} ${keyText(o.key)}: ${o.message}`);
  const cut = plan.complete ? [] : [paint.warn('Still at work after the ten minutes that were foreseen.')];
  return [...lines, ...cut];
}

function totals({ objects, steps }: PlanView, paint: Paint): string {
  const count = (change: string) => objects.filter((object) => object.change === change).length;
  const risky = (risk: Risk) => new Set(steps.filter((step) => step.risk === risk).map((step) => keyText(step))).size;
  const costs = (['restart', 'replace', 'dataLoss'] as const).flatMap((risk) =>
    risky(risk) === 0 ? [] : [COST_WORDS[risk].replace('{count}', String(risky(risk)))],
  );
  const parts = [`${count('created')} to create`, `${count('configured')} to change`, `${count('deleted')} to delete`];
  const stepCount = steps.length === 1 ? '1 step' : `${steps.length} steps`;
  return `${paint.bold('Plan:')} ${parts.join(', ')}; ${stepCount}${costs.length > 0 ? `; ${costs.join(', ')}` : ''}.`;
}

function isOf(step: { kind: string; project: string | null; name: string }, key: ObjectKey): boolean {
  return step.kind === key.kind && step.project === key.project && step.name === key.name;
}

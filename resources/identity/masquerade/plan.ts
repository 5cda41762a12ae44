import { reason } from '../../../reconciler/json.ts';
import type { PlanInput } from '../../../reconciler/kind.ts';
import { type Plan, step } from '../../../reconciler/plan.ts';
import type { MasqueradeSpec } from './kind.ts';

export type MasqueradeInput = PlanInput<MasqueradeSpec, object, { told: boolean }>;

/** The customer is told once, when it begins. */
export function planMasquerade({ observed, deleting }: Pick<MasqueradeInput, 'observed' | 'deleting'>): Plan {
  const untold = observed.sightings[0]?.state.told === false && !deleting;
  return { steps: untold ? [step('tell', {}, { why: reason('CustomerUntold'), place: null })] : [] };
}

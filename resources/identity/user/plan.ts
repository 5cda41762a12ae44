import { reason } from '../../../reconciler/json.ts';
import type { PlanInput } from '../../../reconciler/kind.ts';
import { type Plan, step } from '../../../reconciler/plan.ts';
import type { Standing } from '../../ports.ts';
import type { UserSpec, UserStatus } from './kind.ts';

export type UserInput = PlanInput<UserSpec, UserStatus, Standing>;

/** Credentials come and go by signing in, not by wishes; but they never outlive their user. */
export function planUser({ deleting, observed }: Pick<UserInput, 'deleting' | 'observed'>): Plan {
  const left = deleting && observed.sightings.length > 0;
  return { steps: left ? [step('forget', {}, { why: reason('UserLeaves'), place: null })] : [] };
}

import type { PlanInput } from '../../../reconciler/kind.ts';
import type { Plan } from '../../../reconciler/plan.ts';
import type { Standing } from '../../ports.ts';
import { planKept } from '../kept.ts';
import type { UserSpec, UserStatus } from './kind.ts';

export type UserInput = PlanInput<UserSpec, UserStatus, Standing>;

export function planUser(input: Pick<UserInput, 'deleting' | 'observed'>): Plan {
  return planKept(input);
}

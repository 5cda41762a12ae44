import type { PlanInput } from '../../../reconciler/kind.ts';
import type { Plan } from '../../../reconciler/plan.ts';
import type { Standing } from '../../ports.ts';
import { planKept } from '../kept.ts';
import type { ApiKeySpec } from './kind.ts';

export type ApiKeyInput = PlanInput<ApiKeySpec, Record<string, never>, Standing>;

export function planApiKey(input: Pick<ApiKeyInput, 'deleting' | 'observed'>): Plan {
  return planKept(input);
}

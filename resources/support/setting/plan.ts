import { reason } from '../../../reconciler/json.ts';
import type { PlanInput } from '../../../reconciler/kind.ts';
import { type Plan, step } from '../../../reconciler/plan.ts';
import type { Standing } from './facts.ts';
import type { SettingSpec, SettingStatus } from './kind.ts';

export type SettingInput = PlanInput<SettingSpec, SettingStatus, Pick<Standing, 'inForce' | 'awaiting'>>;

/** Nothing is done anywhere: an approval is a fact from the moment it is written. It is only shown that it was seen. */
export function planSetting({ object, deleting }: Pick<SettingInput, 'object' | 'deleting'>): Plan {
  const token = object.metadata.requests.approve;
  if (deleting || token === undefined || object.status.requests.approve === token) return { steps: [] };
  return {
    steps: [step('see', {}, { why: reason('ApprovalSeen'), place: null, request: { name: 'approve', token } })],
  };
}

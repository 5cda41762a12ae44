import { reason } from '../../../reconciler/json.ts';
import type { PlanInput } from '../../../reconciler/kind.ts';
import { type Plan, step } from '../../../reconciler/plan.ts';
import type { AnnouncementSpec } from './kind.ts';

export type AnnouncementInput = PlanInput<AnnouncementSpec, object, { told: boolean }>;

/** People are told once, when it is made: what is mended in it later they see where they look. */
export function planAnnouncement({ observed, deleting }: Pick<AnnouncementInput, 'observed' | 'deleting'>): Plan {
  const isUntold = observed.sightings[0]?.state.told === false && !deleting;
  return { steps: isUntold ? [step('tell', {}, { why: reason('AnnouncementUntold'), place: null })] : [] };
}

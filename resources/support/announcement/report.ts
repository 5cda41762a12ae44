import { reason } from '../../../reconciler/json.ts';
import type { Report } from '../../../reconciler/kind.ts';
import type { AnnouncementInput } from './plan.ts';

/** Pure: whether those whom it concerns were told. */
export function reportAnnouncement({ observed }: Pick<AnnouncementInput, 'observed'>): Report<object> {
  const isTold = observed.sightings[0]?.state.told === true;
  const why = reason(isTold ? 'AnnouncementPublished' : 'AnnouncementUntold');
  return { status: {}, conditions: [{ type: 'Published', status: isTold ? 'True' : 'False', reason: why }] };
}

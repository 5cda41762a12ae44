import type { SpecIssue } from '../../../reconciler/kind.ts';
import type { AnnouncementSpec } from './kind.ts';

/** Pure: who is asked to bear with maintenance is told when; and what begins ends later. */
export function checkAnnouncement({
  spec: { type, from, until },
}: {
  spec: Pick<AnnouncementSpec, 'type' | 'from' | 'until'>;
}): SpecIssue[] {
  const missing =
    type === 'Maintenance' ? (from === undefined ? '/from' : until === undefined ? '/until' : null) : null;
  if (missing !== null)
    return [{ path: missing, message: 'is required of a Maintenance: say when it begins and when it ends' }];
  if (from !== undefined && until !== undefined && Date.parse(until) <= Date.parse(from))
    return [{ path: '/until', message: `must be after from (${from})` }];
  return [];
}

import type { ObserveInput } from '../../../reconciler/kind.ts';
import { nothingSeen, type Observation } from '../../../reconciler/observation.ts';
import type { Ports } from '../../ports.ts';
import type { AnnouncementSpec } from './kind.ts';

/** Notifications are the one place where something of an announcement can be. They stay when it goes. */
const NOTIFICATIONS = 'notifications';

/** Whether those whom it concerns were told. */
export async function observeAnnouncement(
  { announcements }: Ports,
  { object, now }: Pick<ObserveInput<AnnouncementSpec, object>, 'object' | 'now'>,
): Promise<Observation<{ told: boolean }>> {
  if (announcements === undefined || object.metadata.deletedAt !== null) return nothingSeen(now);
  const state = { told: await announcements.isTold(object.metadata.uid) };
  return { sightings: [{ place: NOTIFICATIONS, owned: true, state }], silent: [], asOf: now };
}

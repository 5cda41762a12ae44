import type { Api } from '../../graphql/api.ts';
import type { Vault } from '../../integrations/seal/seal.ts';
import type { Ports } from '../../resources/ports.ts';
import { announcementsPort, serviceStatusApi } from './announcements.ts';
import { systemClock } from './environment.ts';
import { identityPort } from './identity-port.ts';
import { notificationsApi } from './notifications-api.ts';
import type { Storage } from './storage.ts';

/** What kinds may have people told. */
export function peoplePorts(
  storage: Pick<Storage, 'identity' | 'store' | 'notifications'>,
  vault: Vault,
): Required<Pick<Ports, 'identity' | 'announcements'>> {
  return {
    identity: identityPort(storage.identity, { vault, store: storage.store }),
    announcements: announcementsPort(storage),
  };
}

/** What people may read of what they were told. */
export function peopleApis({
  store,
  notifications,
}: Pick<Storage, 'store' | 'notifications'>): Required<Pick<Api, 'notifications' | 'serviceStatus'>> {
  return {
    notifications: notificationsApi(notifications, store),
    serviceStatus: serviceStatusApi(store, systemClock.now),
  };
}

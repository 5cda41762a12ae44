import type { ServiceNotice, ServiceStatus, ServiceStatusApi } from '../../graphql/announcements/service-status-api.ts';
import type { Notifications } from '../../letters/notification.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import type { AnnouncementsPort } from '../../resources/ports.ts';
import type { AnnouncementSpec } from '../../resources/support/announcement/kind.ts';
import { phaseOf, spanOf } from '../../resources/support/announcement/phase.ts';
import { all } from './books-wishes.ts';

const BATCH = 500;
const SHOWN_MAX = 100;

/** Tells every account that an announcement concerns: once each, however often a server that died is followed by another. */
export function announcementsPort({
  store,
  notifications,
}: {
  store: Pick<ObjectStore, 'list' | 'getValue' | 'setValue'>;
  notifications: Pick<Notifications, 'put'>;
}): AnnouncementsPort {
  const noteOf = (uid: string) => `announcement/${uid}`;
  return {
    isTold: async (uid) => (await store.getValue(noteOf(uid)))?.told === true,
    tell: async ({ uid, type, subject, channel }, signal) => {
      const accounts = (await all(store, 'Account')).filter(
        ({ metadata, spec }) => metadata.deletedAt === null && (channel === null || spec.channel === channel),
      );
      for (let from = 0; from < accounts.length; from += BATCH) {
        signal.throwIfAborted();
        const told = accounts.slice(from, from + BATCH).map(({ metadata: { name } }) => name);
        await notifications.put(
          told.map((target) => ({ type, target, event: `announcement/${uid}`, detail: subject })),
        );
      }
      await store.setValue(noteOf(uid), { told: true });
    },
  };
}

/** What is published, for those whom it concerns: their channel's, and what is for all. The provider's people see everything. */
export function serviceStatusApi(store: Pick<ObjectStore, 'list' | 'getByKey'>, now: () => number): ServiceStatusApi {
  return {
    of: async ({ account, isProvider }) => {
      const [own] = account === null ? [] : await store.getByKey([{ kind: 'Account', project: null, name: account }]);
      const published = (await all(store, 'Announcement')).filter(
        ({ metadata, spec }) =>
          metadata.deletedAt === null &&
          (isProvider || spec.channel === undefined || spec.channel === own?.spec.channel),
      );
      return statusOf(published, now());
    },
  };
}

function statusOf(published: readonly StoredObject[], now: number): ServiceStatus {
  const inPhase = (phase: string) => published.filter((one) => phaseOf(factsOf(one), now) === phase).map(noticeOf);
  const byStart = (a: ServiceNotice, b: ServiceNotice) => a.from - b.from;
  return {
    current: inPhase('current').toSorted(byStart).toReversed().slice(0, SHOWN_MAX),
    upcoming: inPhase('upcoming').toSorted(byStart).slice(0, SHOWN_MAX),
    history: inPhase('past')
      .toSorted((a, b) => (b.until ?? 0) - (a.until ?? 0))
      .slice(0, SHOWN_MAX),
  };
}

function factsOf({ spec, metadata: { createdAt } }: StoredObject) {
  return { ...(spec as unknown as AnnouncementSpec), createdAt };
}

function noticeOf(object: StoredObject): ServiceNotice {
  const { type, subject, description, service = null, zone = null } = object.spec as unknown as AnnouncementSpec;
  return { name: object.metadata.name, type, subject, description, service, zone, ...spanOf(factsOf(object)) };
}

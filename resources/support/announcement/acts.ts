import type { Act } from '../../../reconciler/kind.ts';
import type { Ports } from '../../ports.ts';
import type { AnnouncementSpec } from './kind.ts';

export const announcementActs: Readonly<Record<string, Act<Ports>>> = {
  tell: {
    deadlineMs: 60_000,
    run: async ({ ports, object, signal }) => {
      const { type, subject, channel } = object.spec as unknown as AnnouncementSpec;
      await ports.announcements?.tell({ uid: object.metadata.uid, type, subject, channel: channel ?? null }, signal);
      return { ok: true };
    },
  },
};

import type { Act } from '../../../reconciler/kind.ts';
import type { Ports } from '../../ports.ts';
import { endOf } from './report.ts';

export const masqueradeActs: Readonly<Record<string, Act<Ports>>> = {
  tell: {
    run: async ({ ports, object }) => {
      const { uid, name, createdBy } = object.metadata;
      const { user, reason } = object.spec;
      const told = { uid, name, by: createdBy, user: String(user), reason: String(reason), until: endOf(object) };
      await ports.identity?.tellMasquerade(told);
      return { ok: true };
    },
  },
};

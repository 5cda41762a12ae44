import type { Act } from '../../../reconciler/kind.ts';
import type { Ports } from '../../ports.ts';

export const userActs: Readonly<Record<string, Act<Ports>>> = {
  forget: {
    run: async ({ ports, object }) => {
      await ports.identity?.forget(object.metadata.uid);
      return { ok: true };
    },
  },
};

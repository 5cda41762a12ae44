import type { Act } from '../../../reconciler/kind.ts';
import type { AccountsPort, Ports } from '../../ports.ts';

/** Each is one idempotent call. */
export const accountActs: Readonly<Record<string, Act<Ports>>> = {
  activate: calls('activate'),
  convert: {
    run: async ({ ports, object, args }) => {
      await ports.accounts?.convert(object.metadata.uid, String(args.type));
      return { ok: true };
    },
  },
  note: calls('note'),
  endTrial: calls('endTrial'),
  renewTrial: calls('renewTrial'),
  clear: { deadlineMs: 60_000, ...calls('clear') },
  close: calls('close'),
};

function calls(verb: Exclude<keyof AccountsPort, 'sight' | 'convert'>): Act<Ports> {
  return {
    run: async ({ ports, object }) => {
      await ports.accounts?.[verb](object.metadata.uid);
      return { ok: true };
    },
  };
}

import type { Act } from '../../../reconciler/kind.ts';
import type { Ports } from '../../ports.ts';

/** A Setting is read by whoever needs it: there is nobody to tell. */
export const settingActs: Readonly<Record<string, Act<Ports>>> = {
  see: { run: async () => ({ ok: true }) },
};

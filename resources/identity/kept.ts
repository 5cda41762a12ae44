import { reason } from '../../reconciler/json.ts';
import type { Act } from '../../reconciler/kind.ts';
import { nothingSeen, type Observation } from '../../reconciler/observation.ts';
import { type Plan, step } from '../../reconciler/plan.ts';
import type { Ports, Standing } from '../ports.ts';

/** What signing in keeps of a User or an ApiKey: it comes and goes by signing in, not by wishes, but never outlives its object. */

/** Signing in is the one place where something can be kept. */
const SIGN_IN = 'sign-in';

export const KEPT_MESSAGES = {
  ObjectLeaves: 'It is being deleted.',
} as const;

export async function observeKept(
  { identity }: Ports,
  { uid, email, now }: { uid: string; email: string | null; now: number },
): Promise<Observation<Standing>> {
  const standing = await identity?.standing(uid, email);
  if (!standing?.known) return nothingSeen(now);
  return { sightings: [{ place: SIGN_IN, owned: true, state: standing }], silent: [], asOf: now };
}

export function planKept({ deleting, observed }: { deleting: boolean; observed: Observation<Standing> }): Plan {
  const left = deleting && observed.sightings.length > 0;
  return { steps: left ? [step('forget', {}, { why: reason('ObjectLeaves'), place: null })] : [] };
}

export const keptActs: Readonly<Record<string, Act<Ports>>> = {
  forget: {
    run: async ({ ports, object }) => {
      await ports.identity?.forget(object.metadata.uid);
      return { ok: true };
    },
  },
};

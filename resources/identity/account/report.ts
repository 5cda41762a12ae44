import { reason } from '../../../reconciler/json.ts';
import type { ConditionReport, Report } from '../../../reconciler/kind.ts';
import type { AccountStatus } from './kind.ts';
import { accountState } from './life.ts';
import { type AccountInput, activitiesFor } from './plan.ts';

/** Pure: the account's state, what holds it, and one condition for each thing that its type demands before it begins. */
export function reportAccount(input: Pick<AccountInput, 'object' | 'refs' | 'observed'>): Report<AccountStatus> {
  const sight = input.observed.sightings[0]?.state;
  if (sight === undefined) return { status: {}, conditions: [] };
  const { activatedAt, terminatedAt, holds } = sight;
  const converting = input.object.spec.convertTo !== undefined && activatedAt !== null;
  const activities =
    activatedAt !== null && !converting ? [] : activitiesFor(input, converting ? '/convertTo' : '/type');
  const state = accountState({ active: activatedAt !== null, terminated: terminatedAt !== null, holds });
  const began = activatedAt !== null;
  return {
    status: {
      state,
      // Who is suspected of something does not read so here.
      holds: holds.map(({ source, ...hold }) => ({
        ...hold,
        id: shown(hold.id),
        source: source === 'fraud' ? 'admin' : source,
      })),
      ...(activatedAt === null ? {} : { activatedAt }),
      ...(terminatedAt === null ? {} : { terminatedAt }),
    },
    conditions: [
      { type: 'Activated', status: began ? 'True' : 'False', reason: reason(began ? 'AccountBegan' : 'AccountWaits') },
      ...activities.map(
        ({ type, met, reason: why }): ConditionReport => ({ type, status: met ? 'True' : 'False', reason: why }),
      ),
    ],
  };
}

function shown(id: string): string {
  return id.replace(/^fraud\//, 'admin/');
}

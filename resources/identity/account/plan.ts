import { type JsonObject, reason } from '../../../reconciler/json.ts';
import type { PlanInput } from '../../../reconciler/kind.ts';
import { type Plan, type Step, step } from '../../../reconciler/plan.ts';
import type { AccountSight } from '../../ports.ts';
import { type Activity, activitiesOf } from './activities.ts';
import type { AccountSpec, AccountStatus } from './kind.ts';
import { isEnd } from './life.ts';

export type AccountInput = PlanInput<AccountSpec, AccountStatus, AccountSight>;
type Planned = Pick<AccountInput, 'object' | 'refs' | 'observed' | 'deleting' | 'now'>;

const DAY_MS = 86_400_000;
const LOOK_AGAIN_MS = 2_000;

/** Pure: what follows from what was decided about the account. */
export function planAccount(input: Planned): Plan {
  const sight = input.observed.sightings[0]?.state;
  if (sight === undefined || input.deleting || sight.terminatedAt !== null) return { steps: [] };
  if (sight.holds.some(isEnd)) return ending(sight);
  const next = living(input, sight);
  return { steps: next === null ? [] : [next] };
}

/** What is asked to go is waited for: the account closes once nothing is left. */
function ending({ standing, left }: AccountSight): Plan {
  if (standing > 0) return { steps: [act('clear', 'AccountEnds')] };
  if (left > 0) return { waiting: reason('AccountEnds', { left }), afterMs: LOOK_AGAIN_MS };
  return { steps: [act('close', 'AccountEmpty')] };
}

function living(input: Planned, sight: AccountSight): Step | null {
  const isMet = (path: '/type' | '/convertTo') => activitiesFor(input, path).every(({ met }) => met);
  if (sight.activatedAt === null) return isMet('/type') ? act('activate', 'NothingAwaited') : null;
  const { convertTo } = input.object.spec;
  const asks = convertTo !== undefined && convertTo !== sight.type;
  // Until all is done it stays what it is, with all that follows: who only asks to be converted does not try for ever.
  if (asks && fits(input, sight) && isMet('/convertTo')) return act('convert', 'NothingAwaited', { type: convertTo });
  if (sight.knownType !== sight.type) return act('note', 'TypeChanged');
  const over = isTrialOver(input, sight);
  if (over === sight.holds.some(({ id }) => id === TRIAL_HOLD)) return null;
  return over ? act('endTrial', 'TrialOver') : act('renewTrial', 'TrialConverted');
}

/** The hold of a trial that is over: converting lifts it. */
export const TRIAL_HOLD = 'admin/trial';

function isTrialOver({ refs, now }: Planned, { typeSince }: AccountSight): boolean {
  const { trial, trialDays } = refs.at('/type')?.spec ?? {};
  if (trial !== true || typeof trialDays !== 'number' || typeSince === null) return false;
  return Date.parse(typeSince) + trialDays * DAY_MS <= now;
}

function fits({ refs }: Planned, { users }: AccountSight): boolean {
  const bound = refs.at('/convertTo')?.spec.maxUsers;
  return typeof bound !== 'number' || bound < 0 || users <= bound;
}

/** How far it is with what its type, or the type that it asks for, demands. */
export function activitiesFor(
  { object, refs, observed }: Pick<AccountInput, 'object' | 'refs' | 'observed'>,
  path: '/type' | '/convertTo',
): Activity[] {
  const sight = observed.sightings[0]?.state;
  const type = refs.at(path);
  const { currency } = object.spec;
  const named = type && { name: type.metadata.name, spec: type.spec };
  return sight === undefined ? [] : activitiesOf(named, { currency, sight });
}

function act(verb: string, why: string, args: JsonObject = {}): Step {
  return step(verb, args, { why: reason(why), place: null });
}

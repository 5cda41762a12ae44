import { iso } from '../../../reconciler/clock.ts';
import type { JsonObject, Reason } from '../../../reconciler/json.ts';
import { reason } from '../../../reconciler/json.ts';
import type { FieldChange } from '../../../reconciler/plan.ts';
import type { Desired } from './desired.ts';
import { type LiveChange, liveChanges } from './live.ts';
import type { MachineState } from './observe.ts';
import type { MachineInput } from './plan.ts';
import { unpluggedNics } from './plugging.ts';
import type { MachineStatus } from './status.ts';

type Asked = NonNullable<MachineStatus['asked']>['changes'][string];

export interface GuestChanges {
  steps: { verb: string; args: JsonObject; why: Reason; changes: FieldChange[] }[];
  /** What only a restart brings, or what the guest never followed: the causes of RestartRequired. */
  causes: string[];
  /** What was asked of the guest and may follow yet: one that boots has no driver so far. */
  following: string[];
  /** Changes that are asked for now, or were asked for and not followed. */
  asked: Record<string, Asked>;
  /** Milliseconds until something is asked again that may just have failed; null: nothing is. */
  againMs: number | null;
}

/**
 * A guest that has not followed is asked again after these times, since a call may just have failed; from then on only when it is looked
 * at anyway, since it may lack the driver, and asking is no progress.
 */
const ASK_AGAIN_MS = [5_000, 20_000, 80_000, 240_000];

const LAST_MS = ASK_AGAIN_MS.at(-1) ?? 0;

const RESUME: LiveChange = {
  about: 'power',
  changes: [{ path: 'machine/power', from: 'paused', to: 'running' }],
  act: { verb: 'resume', args: {} },
};

/** The changes of the running guest: what is asked of it now, and what waits for a restart. Pure. */
export function guestChanges(
  input: MachineInput,
  { desired, state, resume }: { desired: Pick<Desired, 'spec' | 'awaitedNics'>; state: MachineState; resume: boolean },
): GuestChanges {
  const none: GuestChanges = { steps: [], causes: [], following: [], asked: {}, againMs: null };
  const { machine, can } = state;
  const { spec, awaitedNics } = desired;
  if (!machine?.live) return none;
  const unplugged = unpluggedNics(state);
  const differing = liveChanges({ wished: spec, live: machine.live, can, unplugged, awaitedNics });
  const changes = resume ? [RESUME, ...differing] : differing;
  const before = input.object.status.asked?.runId === machine.runId ? (input.object.status.asked?.changes ?? {}) : {};
  const made = changes.reduce((sum, change) => add(sum, { change, before, now: input.now }), none);
  // A guest that stands still again does so for what stopped it, and no restart ends that.
  const but = (abouts: readonly string[]) => abouts.filter((about) => about !== RESUME.about);
  return { ...made, causes: but(made.causes), following: but(made.following) };
}

function add(
  sum: GuestChanges,
  { change, before, now }: { change: LiveChange; before: Readonly<Record<string, Asked>>; now: number },
): GuestChanges {
  const { act, about, changes } = change;
  if (act === null) return { ...sum, causes: [...sum.causes, about] };
  const key = `${act.verb} ${about} ${act.verb.startsWith('set') ? JSON.stringify(act.args) : ''}`.trim();
  const { at, times } = before[key] ?? { at: iso(0), times: 0 };
  const leftMs = times === 0 ? 0 : Date.parse(at) + (ASK_AGAIN_MS[times - 1] ?? LAST_MS) - now;
  // One at a time: what one change fails at must not keep the guest from the others.
  const isLeft = leftMs > 0 || sum.steps.length > 0;
  if (isLeft && times === 0) return sum;
  if (isLeft) {
    const asked = { ...sum.asked, [key]: { at, times } };
    if (times === ASK_AGAIN_MS.length) return { ...sum, causes: [...sum.causes, about], asked };
    const againMs = Math.min(Math.max(leftMs, 1), sum.againMs ?? LAST_MS);
    return { ...sum, following: [...sum.following, about], asked, againMs };
  }
  const made = { ...act, why: reason('GuestDiffers', { about }), changes };
  const asked = { ...sum.asked, [key]: { at: iso(now), times: Math.min(times + 1, ASK_AGAIN_MS.length) } };
  return { ...sum, steps: [...sum.steps, made], asked };
}

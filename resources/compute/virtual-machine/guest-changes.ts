import type { MachineSpec } from '../../../hypervisor/port.ts';
import { iso } from '../../../reconciler/clock.ts';
import type { JsonObject, Reason } from '../../../reconciler/json.ts';
import { reason } from '../../../reconciler/json.ts';
import type { FieldChange } from '../../../reconciler/plan.ts';
import { type LiveChange, liveChanges } from './live.ts';
import type { MachineState } from './observe.ts';
import type { MachineInput } from './plan.ts';
import type { MachineStatus } from './status.ts';

type Asked = NonNullable<MachineStatus['asked']>['changes'][string];

export interface GuestChanges {
  steps: { verb: string; args: JsonObject; why: Reason; changes: FieldChange[] }[];
  /** What only a restart brings, or what the guest did not follow: the causes of RestartRequired. */
  causes: string[];
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
  { spec, state, resume }: { spec: MachineSpec; state: MachineState; resume: boolean },
): GuestChanges {
  const none: GuestChanges = { steps: [], causes: [], asked: {}, againMs: null };
  const { machine, can } = state;
  if (!machine?.live) return none;
  const differing = liveChanges({ wished: spec, live: machine.live, can, unplugged: unplugged(input, state) });
  const changes = resume ? [RESUME, ...differing] : differing;
  const before = input.object.status.asked?.runId === machine.runId ? (input.object.status.asked?.changes ?? {}) : {};
  return changes.reduce((sum, change) => add(sum, { change, before, now: input.now }), none);
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
  if (leftMs > 0) {
    const againMs = times < ASK_AGAIN_MS.length ? Math.min(leftMs, sum.againMs ?? leftMs) : sum.againMs;
    return { ...sum, causes: [...sum.causes, about], asked: { ...sum.asked, [key]: { at, times } }, againMs };
  }
  const made = { verb: act.verb, args: act.args, why: reason('GuestDiffers', { about }), changes };
  const asked = { ...sum.asked, [key]: { at: iso(now), times: Math.min(times + 1, ASK_AGAIN_MS.length) } };
  return { ...sum, steps: [...sum.steps, made], asked };
}

/**
 * NICs whose network was started again while the guest ran on: a new bridge knows nothing of them. Either the network counted a start
 * since they were plugged in, or it says that nobody is plugged in at all.
 */
function unplugged({ object, refs, claims }: MachineInput, { machine, networks }: MachineState): Set<string> {
  const host = claims?.chosen.host;
  const sameRun = object.status.runId !== undefined && object.status.runId === machine?.runId;
  const found = new Set<string>();
  for (const nic of sameRun ? (object.status.nics ?? []) : []) {
    const network = networks[nic.network];
    if (nic.plugged === null || !network?.active) continue;
    if (network.connections === 0 || nic.plugged < startsOf(refs, { networkUid: nic.network, host }))
      found.add(nic.mac);
  }
  return found;
}

/** How often a network was started on a host, as its own status says; 0 while that is not known. */
export function startsOf(
  refs: MachineInput['refs'],
  { networkUid, host }: { networkUid: string; host: string | undefined },
): number {
  const network = refs.all().find(({ object }) => object?.metadata.uid === networkUid)?.object;
  const hosts = network?.status.hosts;
  if (!Array.isArray(hosts)) return 0;
  const segment = (hosts as JsonObject[]).find(({ uid }) => uid === host);
  return typeof segment?.starts === 'number' ? segment.starts : 0;
}

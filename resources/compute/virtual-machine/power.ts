import type { MachineSight } from '../../../hypervisor/port.ts';
import { iso } from '../../../reconciler/clock.ts';
import { type Reason, reason } from '../../../reconciler/json.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import { activeOverride } from '../../../reconciler/overrides.ts';
import type { MachineWish } from './spec.ts';
import type { MachineStatus } from './status.ts';

type MachineObject = StoredObject<MachineWish, MachineStatus>;

/** What is to be done about a machine's power now. A `request` is fulfilled by it. */
export type PowerAct =
  | { act: 'none' }
  | {
      act: 'start' | 'reboot' | 'reset' | 'resume' | 'acknowledge';
      why: Reason;
      request?: { name: string; token: string };
    }
  | { act: 'shutdown' | 'destroy'; why: Reason }
  | { act: 'wait'; why: Reason; afterMs: number };

interface Input {
  object: MachineObject;
  machine: MachineSight | null;
  /** Epoch ms. Read only where time decides: what does not depend on the clock need not be decided again. */
  now: number;
}

/** A guest that was still booting has not heard the button. */
const PRESS_AGAIN_MS = 15_000;

/**
 * Run strategy, overrides and requests against what is seen. Always: on. Halted: off. RerunOnFailure: on until the guest shuts itself
 * down. Manual: as it is. An override of power beats the strategy, a grace period before deletion beats both. Pure.
 */
export function decidePower(of: { object: MachineObject; now: number }, machine: MachineSight | null): PowerAct {
  const input: Input = {
    object: of.object,
    machine,
    get now() {
      return of.now;
    },
  };
  const on = isOn(machine);
  const held = heldPower(input);
  const asked = held === null ? askedPower(input, on) : ignoredRequest(input, held);
  if (asked) return asked;
  const wished = held ?? strategyPower(input);
  if (wished === 'stopped')
    return on ? stopAct(input, reason('ShouldBeOff', { because: because(input) })) : guestAct(input, on);
  if (wished === 'running' && !on) return { act: 'start', why: reason('ShouldRun', { because: because(input) }) };
  const stalled = isStalled(machine);
  if (machine?.power === 'paused' && (wished === 'running' || stalled)) {
    return { act: 'resume', why: reason(stalled ? 'DiskStalled' : 'PausedOutside') };
  }
  return guestAct(input, on);
}

export function isOn(machine: MachineSight | null): boolean {
  return machine !== null && machine.live !== null;
}

/** Its hypervisor stopped it at a write for which there was no room, so that the guest sees no error. Nobody wished that, whatever the strategy. */
function isStalled(machine: MachineSight | null): boolean {
  return machine?.power === 'paused' && machine.powerReason === 'io-error';
}

type Power = 'running' | 'stopped' | 'asIs';

function heldPower(input: Input): 'running' | 'stopped' | null {
  if (input.object.metadata.deletedAt !== null || isSuspended(input)) return 'stopped';
  const override = powerOverride(input);
  return override === 'running' || override === 'stopped' ? override : null;
}

/** The account does not pay: its machines are off, whatever else is wished, until the books lift their hold. */
function isSuspended({ object }: Input): boolean {
  const hold = object.metadata.overrides.hold?.value;
  return hold === 'SUSPEND' || hold === 'TERMINATE';
}

function powerOverride(input: Input) {
  const { object } = input;
  if (object.metadata.overrides.power === undefined) return undefined;
  return activeOverride(object as unknown as StoredObject, 'power', input.now);
}

function strategyPower({ object, machine }: Input): Power {
  const { runStrategy } = object.spec;
  if (runStrategy === 'Always') return 'running';
  if (runStrategy === 'Halted') return 'stopped';
  const rerun = runStrategy === 'RerunOnFailure' && !hasFinished({ object, machine, stopFulfilled: false });
  return rerun ? 'running' : 'asIs';
}

/** A request whose token was not carried out yet. */
export function pending({ metadata, status }: MachineObject, name: string): { name: string; token: string } | null {
  const token = metadata.requests[name];
  return token === undefined || status.requests[name] === token ? null : { name, token };
}

/** What start, stop and restart ask for while nothing else decides; null: nothing is asked. */
function askedPower(input: Input, on: boolean): PowerAct | null {
  const { object } = input;
  const { runStrategy } = object.spec;
  const decidesItself = runStrategy === 'Always' || runStrategy === 'Halted';
  const stop = pending(object, 'stop');
  if (stop) {
    if (decidesItself || !on) return acknowledge(stop, decidesItself ? runStrategy : 'off');
    return stopAct(input, reason('Requested', { request: 'stop' }));
  }
  const start = pending(object, 'start');
  if (start) {
    if (on || runStrategy === 'Halted') return acknowledge(start, on ? 'running' : runStrategy);
    return { act: 'start', why: reason('Requested', { request: 'start' }), request: start };
  }
  return askedRestart(input, on);
}

/** The run that was going on when it was asked is ended; a start then fulfils it. */
function askedRestart(input: Input, on: boolean): PowerAct | null {
  const { object, machine } = input;
  const restart = pending(object, 'restart');
  if (!restart) return null;
  const why = reason('Requested', { request: 'restart' });
  if (!on)
    return object.spec.runStrategy === 'Halted'
      ? acknowledge(restart, 'Halted')
      : { act: 'start', why, request: restart };
  const ending = object.status.restartedFrom ?? null;
  if (ending !== null && machine?.runId !== ending) return acknowledge(restart, 'restarted');
  return stopAct(input, why);
}

function ignoredRequest({ object }: Input, held: string): PowerAct | null {
  const request = pending(object, 'stop') ?? pending(object, 'start') ?? pending(object, 'restart');
  return request ? acknowledge(request, held) : null;
}

/** Requests that leave the machine in the run that it is in. */
function guestAct({ object }: Input, on: boolean): PowerAct {
  for (const name of ['reset', 'reboot'] as const) {
    const request = pending(object, name);
    if (request)
      return on ? { act: name, why: reason('Requested', { request: name }), request } : acknowledge(request, 'off');
  }
  return { act: 'none' };
}

function acknowledge(request: { name: string; token: string }, state: string): PowerAct {
  return { act: 'acknowledge', why: reason('RequestHasNoEffect', { request: request.name, state }), request };
}

/** ACPI first; its power is cut once the time is over, or at once when it is paused and cannot hear. */
function stopAct(input: Input, why: Reason): PowerAct {
  const { object, machine } = input;
  const timeoutMs = object.spec.stopTimeoutSeconds * 1000;
  if (timeoutMs === 0 || machine?.power === 'paused') return { act: 'destroy', why };
  const { stoppingSince, pressedAt } = object.status;
  if (stoppingSince === undefined || stoppingSince === null) return { act: 'shutdown', why };
  const { now } = input;
  const cutAt = Date.parse(stoppingSince) + timeoutMs;
  if (now >= cutAt) return { act: 'destroy', why: reason('StopTimedOut', { seconds: object.spec.stopTimeoutSeconds }) };
  if (now - Date.parse(pressedAt ?? stoppingSince) >= PRESS_AGAIN_MS) return { act: 'shutdown', why };
  return {
    act: 'wait',
    why: reason('Stopping', { until: iso(cutAt) }),
    afterMs: Math.min(cutAt - now, PRESS_AGAIN_MS),
  };
}

function because(input: Input): string {
  if (input.object.metadata.deletedAt !== null) return 'deletion';
  if (isSuspended(input)) return 'hold';
  return powerOverride(input) === undefined ? input.object.spec.runStrategy : 'override';
}

/**
 * Whether a guest that is off ended by its own will: it ran when it was last seen, nobody asked it to stop, and the hypervisor says that
 * it shut down. Only that keeps RerunOnFailure from starting it again. Stays true until it runs again.
 */
export function hasFinished({
  object,
  machine,
  stopFulfilled,
}: {
  object: MachineObject;
  machine: MachineSight | null;
  stopFulfilled: boolean;
}): boolean {
  if (isOn(machine)) return false;
  if (stopFulfilled) return true;
  const { power, stoppingSince, finished } = object.status;
  const ran = power === 'running' || power === 'paused' || power === 'stopping';
  if (!ran) return finished === true;
  return machine?.powerReason === 'shutdown' && (stoppingSince ?? null) === null;
}

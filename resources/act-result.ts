import type { PortError, PortErrorCode, Result } from '../hypervisor/port.ts';
import { type Reason, reason } from '../reconciler/json.ts';
import type { ActResult } from '../reconciler/kind.ts';

type Retry = Extract<ActResult, { ok: false }>['retry'];

/** How each failure of a port is met. `never` only where the same call can never succeed; a place that is away is waited for. */
const RETRY: Record<PortErrorCode, Retry> = {
  NotFound: 'backoff',
  Exists: 'backoff',
  NotOwned: 'backoff',
  Unreachable: 'wait',
  Unresponsive: 'wait',
  Busy: 'wait',
  Unsupported: 'never',
  Invalid: 'never',
  NoSpace: 'backoff',
  TimedOut: 'backoff',
  Aborted: 'wait',
  Failed: 'backoff',
};

/** Templates of the codes that `actResult` answers with; kinds with acts spread them into their messages. */
export const PORT_MESSAGES: Readonly<Record<string, string>> = {
  NotFound: 'The step "{verb}" needs something that is not there: {message}',
  Exists: 'The step "{verb}" found something else in its place: {message}',
  ForeignThing: 'The step "{verb}" would touch what Steward did not make: {message}',
  Unreachable: 'The host does not answer: {message}',
  Unresponsive: 'The host or the guest does not answer: {message}',
  Busy: 'The step "{verb}" waits until something lets go: {message}',
  Unsupported: 'The hypervisor cannot do "{verb}": {message}',
  Invalid: 'The hypervisor refuses "{verb}": {message}',
  NoSpace: 'No space is left for "{verb}": make room, and it goes on by itself. {message}',
  TimedOut: 'The step "{verb}" had no answer in time: {message}',
  Aborted: 'The step "{verb}" was stopped: {message}',
  ActFailed: 'The step "{verb}" failed: {message}',
};

/** What an act answers for a port's result. */
export function actResult(verb: string, result: Result<unknown>): ActResult {
  if (result.ok) return { ok: true };
  return { ok: false, reason: portReason(verb, result.error), retry: RETRY[result.error.code] };
}

export function portReason(verb: string, error: PortError): Reason {
  // `NotOwned` is the engine's word for a sighting, `Failed` says nothing to people.
  const code = error.code === 'NotOwned' ? 'ForeignThing' : error.code === 'Failed' ? 'ActFailed' : error.code;
  return reason(code, { verb, message: error.message });
}

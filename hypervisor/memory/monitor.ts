import type { CallOptions, Result } from '../port.ts';
import { type Connection, call } from './call.ts';
import { ownMachine, settle, uidOf } from './machine-power.ts';
import { failure, success } from './results.ts';
import type { MachineState } from './state.ts';

interface Request {
  verb: string;
  uid: string;
  changes: boolean;
  options: CallOptions | undefined;
}

/** A call into a guest's monitor. A hung guest costs its caller the deadline once; from then on it gets no other call. */
export async function monitorCall<T>(
  connection: Connection,
  request: Request,
  effect: (machine: MachineState) => Result<T>,
): Promise<Result<T>> {
  const { world, host, installationId } = connection;
  const result = await call<T | typeof HUNG>(connection, request, () => {
    settle(world, host);
    const found = ownMachine(host, request.uid, installationId);
    if (!found.ok) return found;
    if (found.value.unresponsive) return unresponsive(found.value);
    return found.value.guest.hung ? success(HUNG) : effect(found.value);
  });
  if (!result.ok || result.value !== HUNG) return result as Result<T>;
  await world.clock.sleep(request.options?.timeoutMs ?? world.settings.timeoutMs, request.options?.signal);
  const machine = ownMachine(host, request.uid, installationId);
  if (!machine.ok) return machine;
  machine.value.unresponsive = machine.value.guest.hung;
  return unresponsive(machine.value);
}

const HUNG = Symbol('the monitor does not answer');

function unresponsive(machine: MachineState) {
  return failure('Unresponsive', `The monitor of machine ${uidOf(machine)} does not answer.`);
}

import type { Console, Result } from '../port.ts';
import type { Connection } from './call.ts';
import { capabilitiesOf } from './capabilities.ts';
import { isActive, notRunning, uidOf } from './machine-power.ts';
import { failure, success } from './results.ts';
import type { MachineState } from './state.ts';

/** Pieces that may wait for a reader; more are dropped, as a serial line does. */
const MAX_PENDING = 1_024;

/** A serial line whose guest greets and echoes. It ends when the guest stops, or with `close`. */
export function openConsole({ world, closed }: Connection, machine: MachineState): Result<Console> {
  if (!capabilitiesOf(world).console) return failure('Unsupported', 'This host lacks console.');
  if (!isActive(machine)) return notRunning(machine);
  const run = machine.runId;
  const pending: Uint8Array[] = [new TextEncoder().encode(`${machine.owner?.title ?? uidOf(machine)} login: `)];
  let open = true;
  let wakeReader = () => {};
  const isOpen = () => open && !closed.aborted && machine.runId === run;
  const look = () => wakeReader();
  world.onMutation.add(look);
  closed.addEventListener('abort', look, { once: true });
  const end = () => {
    open = false;
    world.onMutation.delete(look);
    closed.removeEventListener('abort', look);
    wakeReader();
  };
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const piece = pending.shift();
        if (piece) yield piece;
        else if (!isOpen()) return;
        else await new Promise<void>((resolve) => (wakeReader = resolve));
      }
    } finally {
      end();
    }
  }
  return success({
    output: read(),
    async write(bytes) {
      if (!isOpen()) throw new Error('The console is closed.');
      if (pending.length < MAX_PENDING) pending.push(bytes.slice());
      wakeReader();
    },
    close: async () => end(),
  });
}

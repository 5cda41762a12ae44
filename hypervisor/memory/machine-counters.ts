import type { MachineCounters, MachineStats, Result } from '../port.ts';
import type { Connection } from './call.ts';
import { capabilitiesOf } from './capabilities.ts';
import { notRunning, settle, uidOf } from './machine-power.ts';
import { failure, success } from './results.ts';
import type { MachineState, Moved } from './state.ts';
import type { World } from './world.ts';

/** What moves in a millisecond by itself, in bytes: so that something can be shown and metered. */
const RECEIVED = 64;
const SENT = 32;
const READ = 512;
const WRITTEN = 256;
/** Bytes of a request of a disk. */
const REQUEST = 4_096;

/** Counters of all running machines of this installation. A hung guest's NICs are the host's, its disks are its own to tell. */
export function countersOf({ world, host, installationId }: Connection): Result<MachineCounters[]> {
  if (!capabilitiesOf(world).stats) return failure('Unsupported', 'This host lacks stats.');
  settle(world, host);
  const ours = Object.values(host.machines).filter(
    ({ owner, live }) => live !== null && owner?.installationId === installationId,
  );
  return success(ours.map((machine) => machineCounters(world, machine)));
}

export function statsOf(world: World, machine: MachineState): Result<MachineStats> {
  if (!capabilitiesOf(world).stats) return failure('Unsupported', 'This host lacks stats.');
  if (machine.live === null || machine.startedAt === null) return notRunning(machine);
  const { nics, disks } = machineCounters(world, machine);
  const total = <T>(all: readonly T[] | null, figure: (each: T) => bigint) =>
    (all ?? []).reduce((sum, each) => sum + figure(each), 0n);
  return success({
    cpuTimeNs: BigInt(Math.max(0, Math.trunc(world.clock.now() - machine.startedAt))) * 50_000n * cpusOf(machine),
    memoryUsedMiB: Math.ceil(machine.live.memoryMiB / 2),
    diskReadBytes: total(disks, ({ readBytes }) => readBytes),
    diskWriteBytes: total(disks, ({ writtenBytes }) => writtenBytes),
    netRxBytes: total(nics, ({ receivedBytes }) => receivedBytes),
    netTxBytes: total(nics, ({ sentBytes }) => sentBytes),
  });
}

function machineCounters(world: World, machine: MachineState): MachineCounters {
  const now = world.clock.now();
  const beganAt = (device: string) => machine.pluggedAt?.[device] ?? machine.startedAt ?? now;
  const counted = (device: string, rate: Moved): { in: bigint; out: bigint } => {
    const ms = Math.max(0, Math.trunc(now - beganAt(device)));
    const { in: more = 0, out: away = 0 } = machine.moved?.[device] ?? {};
    return { in: BigInt(ms * rate.in + more), out: BigInt(ms * rate.out + away) };
  };
  const epoch = (device: string) => `${machine.runId}/${machine.pluggedAt?.[device] ?? ''}`;
  const requests = (bytes: bigint) => (bytes + BigInt(REQUEST) - 1n) / BigInt(REQUEST);
  const nics = (machine.live?.nics ?? []).map(({ name, mac, networkUid }) => {
    const { in: receivedBytes, out: sentBytes } = counted(mac, { in: RECEIVED, out: SENT });
    return { name, networkUid, epoch: epoch(mac), receivedBytes, sentBytes };
  });
  const disks = (machine.live?.disks ?? []).map(({ name }) => {
    const { in: readBytes, out: writtenBytes } = counted(name, { in: READ, out: WRITTEN });
    const [readRequests, writeRequests] = [requests(readBytes), requests(writtenBytes)];
    return { name, epoch: epoch(name), readRequests, readBytes, writeRequests, writtenBytes };
  });
  return { uid: uidOf(machine), nics, disks: machine.guest.hung ? null : disks };
}

function cpusOf({ live }: MachineState): bigint {
  return BigInt(live?.cpus ?? 0);
}

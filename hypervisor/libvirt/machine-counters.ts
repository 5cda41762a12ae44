import type { CallOptions, DiskCounters, MachineCounters, MachineSight, NicCounters } from '../port.ts';
import { capabilitiesOf } from './capabilities.ts';
import { PortFailure } from './errors.ts';
import type { HostConnection } from './host-connection.ts';
import { LibvirtError } from './wire/errors.ts';
import { domainStats } from './wire/flags.ts';
import { procedures } from './wire/procedures.ts';
import { valuesOf } from './wire/typed-params.ts';
import type { Domain } from './xml/domain-parse.ts';

/** How old the names of devices may be; machines that an event told of are read afresh. */
const NAMES_MAX_AGE_MS = 60_000;
const USUAL_TIMEOUT_MS = 15_000;
/** A guest answers in a millisecond. One that takes longer than this is asked again when the next counters are read. */
const GUEST_TIMEOUT_MS = 3_000;
/** A listing takes so many domains. */
const LISTED_MAX = 4_096;

type Running = { uuid: string; sight: MachineSight; targets: Domain['targets'] };
type Values = ReadonlyMap<string, number | boolean | string>;

/**
 * Counters of NICs are those of their taps, which libvirt reads from the host's kernel: one call for all guests, that enters no monitor and
 * is answered also while a guest hangs. Those of disks are in qemu: they go through the gate, one guest after the other.
 */
export async function readCounters(host: HostConnection, options: CallOptions | undefined): Promise<MachineCounters[]> {
  if (!capabilitiesOf(host.driver).stats) throw new PortFailure('Unsupported', 'This host lacks stats.');
  const endsAt = host.timers.now() + (options?.timeoutMs ?? USUAL_TIMEOUT_MS);
  const known = await host.inventory.recentlyRunning(NAMES_MAX_AGE_MS);
  const ours = [...known].map(([uuid, found]): Running => ({ uuid, ...found })).slice(0, LISTED_MAX);
  if (ours.length === 0) return [];
  const nics = await tapsOf(host, ours);
  const found: MachineCounters[] = [];
  for (const machine of ours) {
    const values = nics.get(machine.uuid);
    if (values === undefined) continue;
    const { uid } = machine.sight;
    found.push({ uid, nics: nicCounters(machine, values), disks: await askDisks(host, machine, { endsAt, options }) });
  }
  return found;
}

/** Domains that are gone meanwhile are left out; another run than the one whose devices we know is for the next time. */
async function tapsOf(host: HostConnection, ours: readonly Running[]): Promise<Map<string, Values>> {
  const domains = ours.map(({ uuid }) => ({ name: '', uuid, id: -1 }));
  const stats = domainStats.interface;
  const { records } = await host.lanes.inventory.call(procedures.connectGetAllDomainStats, {
    domains,
    stats,
    flags: domainStats.noWait,
  });
  const runs = new Map(ours.map(({ uuid, sight }) => [uuid, sight.runId]));
  return new Map(
    records.flatMap(({ domain, params }) =>
      domain.id >= 0 && runs.get(domain.uuid) === String(domain.id) ? [[domain.uuid, valuesOf(params)]] : [],
    ),
  );
}

/** The tap is told by its name. libvirt gives a new name to each, so that one that is plugged in again is another epoch. */
export function nicCounters({ sight, targets }: Pick<Running, 'sight' | 'targets'>, values: Values): NicCounters[] {
  const byTap = devices(values, 'net');
  return (sight.live?.nics ?? []).flatMap(({ name, mac, networkUid }) => {
    const tap = targets.nics.get(mac) ?? '';
    const counted = byTap.get(tap);
    const [receivedBytes, sentBytes] = [counted?.('rx.bytes'), counted?.('tx.bytes')];
    if (receivedBytes === undefined || sentBytes === undefined) return [];
    return [{ name, networkUid, epoch: `${sight.runId}/${tap}`, receivedBytes, sentBytes }];
  });
}

export function diskCounters({ sight, targets }: Pick<Running, 'sight' | 'targets'>, values: Values): DiskCounters[] {
  const byTarget = devices(values, 'block');
  return (sight.live?.disks ?? []).flatMap(({ name, source }) => {
    const counted = byTarget.get(targets.disks.get(name) ?? '');
    const [readRequests, readBytes] = [counted?.('rd.reqs'), counted?.('rd.bytes')];
    const [writeRequests, writtenBytes] = [counted?.('wr.reqs'), counted?.('wr.bytes')];
    if (readRequests === undefined || readBytes === undefined) return [];
    if (writeRequests === undefined || writtenBytes === undefined) return [];
    const epoch = `${sight.runId}/${source?.name ?? ''}`;
    return [{ name, epoch, readRequests, readBytes, writeRequests, writtenBytes }];
  });
}

/** `net.0.name = vnet3, net.0.rx.bytes = 90` → vnet3 → what asks for one of its figures. */
function devices(values: Values, group: 'net' | 'block'): Map<string, (figure: string) => bigint | undefined> {
  const count = Number(values.get(`${group}.count`) ?? 0);
  const found = new Map<string, (figure: string) => bigint | undefined>();
  for (let index = 0; index < count; index += 1) {
    const name = values.get(`${group}.${index}.name`);
    if (typeof name !== 'string') continue;
    // A disk's backing files follow it under its own name: the first is the disk.
    if (found.has(name)) continue;
    found.set(name, (figure) => {
      const value = values.get(`${group}.${index}.${figure}`);
      return typeof value === 'number' && value >= 0 ? BigInt(value) : undefined;
    });
  }
  return found;
}

/** Null where the guest does not answer, where others that do not take half of the places, or when the time is over. */
async function askDisks(
  { gate, timers }: HostConnection,
  machine: Running,
  { endsAt, options }: { endsAt: number; options: CallOptions | undefined },
): Promise<DiskCounters[] | null> {
  const leftMs = endsAt - timers.now();
  if (gate.isHalfStuck || leftMs <= 0 || options?.signal?.aborted === true) return null;
  const domains = [{ name: '', uuid: machine.uuid, id: -1 }];
  const args = { domains, stats: domainStats.block, flags: domainStats.noWait };
  const timeoutMs = Math.min(leftMs, GUEST_TIMEOUT_MS);
  try {
    const { records } = await gate.call(machine.uuid, procedures.connectGetAllDomainStats, args, timeoutMs);
    const [record] = records;
    if (record === undefined || String(record.domain.id) !== machine.sight.runId) return null;
    return diskCounters(machine, valuesOf(record.params));
  } catch (error) {
    if (error instanceof LibvirtError || error instanceof PortFailure) return null;
    throw error;
  }
}

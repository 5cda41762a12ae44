import type { HostFacts, HostPort, Result } from '../port.ts';
import { attemptRead, unlessRefused } from './errors.ts';
import type { HostConnection } from './host-connection.ts';
import { procedures } from './wire/procedures.ts';
import { parseFirmware } from './xml/capabilities.ts';
import { readXml } from './xml/read.ts';

export function createHostPort(host: HostConnection): HostPort {
  const load = createLoadMeter(host);
  return {
    facts: (options) => attemptRead(options, () => readFacts(host)),
    stats: (options): Promise<Result<{ cpuPercent: number | null; memoryFreeMiB: number | null }>> =>
      attemptRead(options, async () => ({ cpuPercent: await load(), memoryFreeMiB: await readFreeMemory(host) })),
  };
}

export async function readFacts(host: HostConnection): Promise<HostFacts> {
  const lane = host.lanes.inventory;
  const claims = await host.claims();
  const [{ hostname }, version, node, memory] = await Promise.all([
    lane.call(procedures.connectGetHostname, {}),
    unlessRefused(lane.call(procedures.connectGetVersion, {}), ['NO_SUPPORT'], { version: 0 }),
    lane.call(procedures.nodeGetInfo, {}),
    readMemory(host),
  ]);
  return {
    uuid: claims.uuid,
    hostname,
    hypervisor: host.driver,
    hypervisorVersion: versionText(version.version),
    arch: claims.arch,
    cpuModel: claims.cpuModel || node.model,
    cpus: node.cpus,
    // What a node's NUMA cells add up to can be less than what the machine has.
    memoryMiB: Math.floor(Math.max(node.memoryKiB, memory.total ?? 0) / 1024),
    kvm: await host.kvm.works(),
    firmware: await readFirmware(host, claims.arch),
    machineTypes: [...claims.machineTypes],
  };
}

async function readFirmware(host: HostConnection, arch: string): Promise<HostFacts['firmware']> {
  const args = { emulatorBinary: null, arch, machine: null, virtType: null, flags: 0 };
  const call = host.lanes.inventory.call(procedures.connectGetDomainCapabilities, args);
  const answer = await unlessRefused(call, ['NO_SUPPORT', 'INVALID_ARG'], null);
  return answer === null ? ['bios'] : parseFirmware(readXml(answer.capabilities));
}

/** Asked twice: the first answer says how many figures there are. Empty where the driver has none. */
async function readMemory(host: HostConnection): Promise<Record<string, number>> {
  const lane = host.lanes.inventory;
  const ask = (paramCount: number) => lane.call(procedures.nodeGetMemoryStats, { paramCount, cell: -1, flags: 0 });
  const sized = await unlessRefused(ask(0), ['NO_SUPPORT'], null);
  if (sized === null) return {};
  return Object.fromEntries((await ask(sized.count)).stats.map(({ field, value }) => [field, value]));
}

async function readFreeMemory(host: HostConnection): Promise<number | null> {
  const { free, buffers, cached } = await readMemory(host);
  if (free !== undefined) return Math.floor((free + (buffers ?? 0) + (cached ?? 0)) / 1024);
  const call = host.lanes.inventory.call(procedures.nodeGetFreeMemory, {});
  const answer = await unlessRefused(call, ['NO_SUPPORT'], null);
  return answer === null ? null : Math.floor(answer.freeBytes / 1_048_576);
}

/** Busy share of all CPUs since the last time somebody asked; null the first time. */
function createLoadMeter(host: HostConnection): () => Promise<number | null> {
  let last: { busy: number; all: number } | null = null;
  return async () => {
    const now = await readCpuTimes(host);
    const before = last;
    last = now;
    if (before === null || now === null || now.all <= before.all) return null;
    const share = (now.busy - before.busy) / (now.all - before.all);
    return Math.min(100, Math.max(0, Math.round(share * 100)));
  };
}

async function readCpuTimes(host: HostConnection): Promise<{ busy: number; all: number } | null> {
  const lane = host.lanes.inventory;
  const ask = (paramCount: number) => lane.call(procedures.nodeGetCpuStats, { cpu: -1, paramCount, flags: 0 });
  const sized = await unlessRefused(ask(0), ['NO_SUPPORT'], null);
  if (sized === null) return null;
  const times = new Map((await ask(sized.count)).stats.map(({ field, value }) => [field, value]));
  const all = [...times.values()].reduce((sum, value) => sum + value, 0);
  return { all, busy: all - (times.get('idle') ?? 0) - (times.get('iowait') ?? 0) };
}

function versionText(version: number): string {
  return `${Math.floor(version / 1_000_000)}.${Math.floor(version / 1000) % 1000}.${version % 1000}`;
}

import type { CallOptions, MachineStats } from '../port.ts';
import { capabilitiesOf } from './capabilities.ts';
import { ownDomain } from './definitions.ts';
import { PortFailure } from './errors.ts';
import type { HostConnection } from './host-connection.ts';
import { domainStats } from './wire/flags.ts';
import { procedures } from './wire/procedures.ts';
import { valuesOf } from './wire/typed-params.ts';

/** Figures of a running machine. They enter its monitor, so they are asked for one guest at a time. */
export async function readStats(
  host: HostConnection,
  uid: string,
  options: CallOptions | undefined,
): Promise<MachineStats> {
  const domain = await ownDomain(host, uid);
  if (!capabilitiesOf(host.driver).stats) throw new PortFailure('Unsupported', 'This host lacks stats.');
  const args = { domains: [domain], stats: groups, flags: 0 };
  const { records } = await host.gate.call(domain.uuid, procedures.connectGetAllDomainStats, args, options?.timeoutMs);
  const record = records[0];
  if (record === undefined) throw new PortFailure('NotFound', `There is no machine ${uid}.`);
  if (record.domain.id < 0) throw new PortFailure('Invalid', `Machine ${uid} is not running.`);
  return statsOf(valuesOf(record.params));
}

const groups = domainStats.cpuTotal | domainStats.balloon | domainStats.interface | domainStats.block;

export function statsOf(values: ReadonlyMap<string, number | boolean | string>): MachineStats {
  const sum = (shape: RegExp) =>
    [...values].reduce((total, [field, value]) => (shape.test(field) ? total + BigInt(Number(value)) : total), 0n);
  return {
    cpuTimeNs: BigInt(Number(values.get('cpu.time') ?? 0)),
    memoryUsedMiB: memoryUsed(values),
    diskReadBytes: sum(/^block\.\d+\.rd\.bytes$/),
    diskWriteBytes: sum(/^block\.\d+\.wr\.bytes$/),
    netRxBytes: sum(/^net\.\d+\.rx\.bytes$/),
    netTxBytes: sum(/^net\.\d+\.tx\.bytes$/),
  };
}

/** As the guest says through its balloon; what its process takes where it says nothing. */
function memoryUsed(values: ReadonlyMap<string, number | boolean | string>): number | null {
  const [available, unused, rss] = ['available', 'unused', 'rss'].map((name) => values.get(`balloon.${name}`));
  if (typeof available === 'number' && typeof unused === 'number') return Math.round((available - unused) / 1024);
  return typeof rss === 'number' ? Math.round(rss / 1024) : null;
}

import type { Result } from '../../../hypervisor/port.ts';
import type { Act, ActCall } from '../../../reconciler/kind.ts';
import { actResult } from '../../act-result.ts';
import type { Ports } from '../../ports.ts';
import type { DiskFormat } from '../names.ts';
import { throughPool } from '../pool-reach.ts';

interface Args {
  poolUid: string;
  name: string;
  bytes: number;
  format: DiskFormat;
  from: string;
  fromFormat: DiskFormat;
  host: string;
  machineUid: string;
}

const MINUTE_MS = 60_000;

export const volumeActs: Readonly<Record<string, Act<Ports>>> = {
  create: act('create', MINUTE_MS, ({ args, ports, signal }) => {
    const { poolUid, name, bytes, format } = args;
    return throughPool(ports, poolUid, (host) =>
      host.volumes.create({ volume: { poolUid, name }, bytes, format }, { signal }),
    );
  }),
  clone: act('clone', 60 * MINUTE_MS, ({ args, ports, signal }) => {
    const { poolUid, name, bytes, format, from, fromFormat } = args;
    const request = { from: { poolUid, name: from }, fromFormat, to: { poolUid, name }, bytes, format };
    return throughPool(ports, poolUid, (host) => host.volumes.clone(request, { signal, timeoutMs: 60 * MINUTE_MS }));
  }),
  grow: act('grow', MINUTE_MS, ({ args, ports, signal }) => {
    const { poolUid, name, bytes } = args;
    return throughPool(ports, poolUid, (host) => host.volumes.grow({ volume: { poolUid, name }, bytes }, { signal }));
  }),
  growLive: act('growLive', MINUTE_MS, async ({ args, ports, signal }) => {
    const { poolUid, name, bytes, machineUid } = args;
    const host = await ports.hypervisors.at(args.host);
    if (!host.ok) return host;
    return host.value.machines.resizeDisk({ uid: machineUid, volume: { poolUid, name }, bytes }, { signal });
  }),
  remove: act('remove', MINUTE_MS, ({ args, ports, signal }) => {
    const { poolUid, name } = args;
    return throughPool(ports, poolUid, (host) => host.volumes.remove({ poolUid, name }, { signal }));
  }),
};

type Call = Pick<ActCall<Ports>, 'ports' | 'signal'> & { args: Args };

function act(verb: string, deadlineMs: number, run: (call: Call) => Promise<Result<void>>): Act<Ports> {
  return {
    deadlineMs,
    run: async ({ ports, signal, args }) =>
      actResult(verb, await run({ ports, signal, args: args as unknown as Args })),
  };
}

import type { PoolPort, PoolSpec, Result } from '../../../hypervisor/port.ts';
import type { Act, ActCall, ActResult } from '../../../reconciler/kind.ts';
import { actResult } from '../../act-result.ts';
import type { Ports } from '../../ports.ts';

type Args = PoolSpec & { host: string };

export const storagePoolActs: Readonly<Record<string, Act<Ports>>> = {
  ensure: {
    deadlineMs: 60_000,
    run: (call) => at('ensure', call, (pools, { uid, type, path }) => pools.ensure({ uid, type, path }, options(call))),
  },
  remove: {
    deadlineMs: 60_000,
    run: (call) => at('remove', call, (pools, { uid }) => pools.remove(uid, options(call))),
  },
};

async function at(
  verb: string,
  call: ActCall<Ports>,
  act: (pools: PoolPort, args: Args) => Promise<Result<void>>,
): Promise<ActResult> {
  const args = call.args as unknown as Args;
  const host = await call.ports.hypervisors.at(args.host);
  return actResult(verb, host.ok ? await act(host.value.pools, args) : host);
}

function options({ signal }: ActCall<Ports>) {
  return { signal };
}

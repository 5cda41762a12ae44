import type { Hypervisor, NetworkSpec, Result } from '../../../hypervisor/port.ts';
import { reason } from '../../../reconciler/json.ts';
import type { Act, ActCall, ActResult } from '../../../reconciler/kind.ts';
import { actResult } from '../../act-result.ts';
import type { Ports } from '../../ports.ts';
import { overlaps, parseCidr } from '../ipv4.ts';

/** One idempotent port call each, at the host named in the step. */
export const networkActs: Readonly<Record<string, Act<Ports>>> = {
  ensure: {
    run: (call) =>
      atHost('ensure', call, async (host) => {
        const spec = call.args.spec as unknown as NetworkSpec;
        const refused = await routeInTheWay(host, { spec, call });
        return refused ?? actResult('ensure', await host.networks.ensure(spec, { signal: call.signal }));
      }),
  },
  stop: {
    run: (call) =>
      atHost('stop', call, async (host) =>
        actResult('stop', await host.networks.stop(uidOf(call), { signal: call.signal })),
      ),
  },
  remove: {
    run: (call) =>
      atHost('remove', call, async (host) =>
        actResult('remove', await host.networks.remove(uidOf(call), { signal: call.signal })),
      ),
  },
};

/**
 * A network that takes over addresses which its host reaches elsewhere would cut that host off. A wished CIDR waits for a new spec; a
 * chosen one is chosen again.
 */
async function routeInTheWay(
  host: Hypervisor,
  { spec, call }: { spec: NetworkSpec; call: ActCall<Ports> },
): Promise<ActResult | null> {
  const routes = await host.networks.hostRoutes({ signal: call.signal });
  if (!routes.ok) return actResult('ensure', routes);
  const cidr = parseCidr(spec.cidr);
  const route = routes.value.cidrs.filter((text) => !text.includes(':')).find((text) => isInTheWay(text, cidr));
  if (route === undefined) return null;
  const wished = call.object.spec.cidr !== undefined;
  return { ok: false, reason: reason('Overlaps', { cidr: spec.cidr, route }), retry: wished ? 'never' : 'backoff' };
}

/** The default route leads to everything and is in nobody's way. */
function isInTheWay(route: string, cidr: ReturnType<typeof parseCidr>): boolean {
  const range = parseCidr(route);
  return range.prefix > 0 && overlaps(range, cidr);
}

async function atHost(
  verb: string,
  { ports, args }: ActCall<Ports>,
  run: (host: Hypervisor) => Promise<ActResult>,
): Promise<ActResult> {
  const host: Result<Hypervisor> = await ports.hypervisors.at(String(args.place));
  return host.ok ? run(host.value) : actResult(verb, host);
}

function uidOf({ args }: ActCall<Ports>): string {
  return String(args.uid);
}

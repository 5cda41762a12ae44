import type { Result } from '../../hypervisor/port.ts';
import { allowList } from './address.ts';
import { checkHost, type Resolve } from './guard.ts';
import { resolveAll } from './resolve-all.ts';

/** The one address that may be connected to for a host, by the same rules as for images. Throws when `allowedHosts` holds something that is none. */
export function createHostGuard(
  allowedHosts: readonly string[],
  resolve: Resolve = resolveAll,
): (host: string) => Promise<Result<string>> {
  const allowed = allowList(allowedHosts);
  return (host) => checkHost(host, { resolve, allowed });
}

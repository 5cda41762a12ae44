import type { NetworkSpec as PortNetworkSpec } from '../../../hypervisor/port.ts';
import type { Claims } from '../../../reconciler/claims.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import { addressing, rangeText } from '../addressing.ts';
import { formatCidr, formatIp } from '../ipv4.ts';
import type { NetworkSpec, NetworkStatus } from './kind.ts';

/** The network as its hosts should have it, or null while it has no addresses. The same on every host. Pure. */
export function desiredNetwork(
  object: StoredObject<NetworkSpec, NetworkStatus>,
  { claims, installationId }: { claims: Claims | null; installationId: string },
): PortNetworkSpec | null {
  const cidr = claims?.chosen.cidr;
  const bridge = claims?.unique.find(({ slot }) => slot === 'bridge')?.value;
  if (cidr === undefined || bridge === undefined) return null;
  const { spec, metadata } = object;
  const parts = addressing(spec, cidr);
  return {
    uid: metadata.uid,
    installationId,
    bridge,
    domain: domainOf(object),
    forward: spec.forward,
    cidr: formatCidr(parts.cidr),
    gateway: formatIp(parts.gateway),
    dhcp: parts.dynamic === null ? null : rangeText(parts.dynamic),
    dns: spec.dns,
    mtu: spec.mtu ?? null,
  };
}

function domainOf({ spec, metadata }: StoredObject<NetworkSpec, NetworkStatus>): string {
  return spec.domain ?? `${metadata.name}.${metadata.project ?? 'shared'}.internal`;
}

import type { Ports } from '../../ports.ts';

/** Pools of this installation that a host has. */
export async function poolInventory(
  ports: Ports,
  place: string,
): Promise<{ uid: string; externalId: string }[] | 'silent'> {
  const host = await ports.hypervisors.at(place);
  const pools = host.ok ? await host.value.pools.sight() : host;
  if (!pools.ok) return 'silent';
  return pools.value.filter(({ owned }) => owned).map(({ uid, name }) => ({ uid, externalId: name }));
}

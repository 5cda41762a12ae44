import type { NetworkSight, PortError } from '../../../hypervisor/port.ts';
import type { ObserveInput } from '../../../reconciler/kind.ts';
import type { Observation, SilentPlace } from '../../../reconciler/observation.ts';
import type { Ports } from '../../ports.ts';
import { silentPlace } from '../../silence.ts';
import type { NetworkSpec, NetworkStatus } from './kind.ts';

/** What each of its hosts says about the network. Reads only; hosts are asked at the same time. */
export async function observeNetwork(
  ports: Ports,
  { object, bindings, notBefore }: ObserveInput<NetworkSpec, NetworkStatus>,
): Promise<Observation<NetworkSight>> {
  const { uid } = object.metadata;
  const answers = await Promise.all(
    bindings.map(async ({ place }) => ({ place, answer: await ask(ports, place, uid) })),
  );
  return {
    sightings: answers.flatMap(({ place, answer }) =>
      answer.ok && answer.sight ? [{ place, owned: answer.sight.owned, state: answer.sight }] : [],
    ),
    silent: answers.flatMap(({ place, answer }): SilentPlace[] =>
      answer.ok ? [] : [silentPlace(place, answer.error)],
    ),
    asOf: notBefore,
  };
}

async function ask(
  ports: Ports,
  place: string,
  uid: string,
): Promise<{ ok: true; sight: NetworkSight | undefined } | { ok: false; error: PortError }> {
  const host = await ports.hypervisors.at(place);
  if (!host.ok) return host;
  const sights = await host.value.networks.sight([uid]);
  return sights.ok ? { ok: true, sight: sights.value.find((sight) => sight.uid === uid) } : sights;
}

/** Uids of all networks on a host that carry this installation's mark, for the sweeper. */
export async function networkInventory(
  ports: Ports,
  place: string,
): Promise<{ uid: string; externalId: string }[] | 'silent'> {
  const host = await ports.hypervisors.at(place);
  const sights = host.ok ? await host.value.networks.sight() : host;
  if (!sights.ok) return 'silent';
  return sights.value.filter(({ owned }) => owned).map(({ uid }) => ({ uid, externalId: uid }));
}

import type { HostFacts, MachineSight, Result } from '../../../hypervisor/port.ts';
import type { ObserveInput } from '../../../reconciler/kind.ts';
import { nothingSeen, type Observation } from '../../../reconciler/observation.ts';
import type { Ports } from '../../ports.ts';
import { silentPlace } from '../../silence.ts';
import { twinOf } from './allocate.ts';
import type { HostSpec, HostStatus } from './kind.ts';

export interface HostSight {
  facts: HostFacts;
  /** Uids of machines of this installation. */
  machines: string[];
  unmanaged: { uid: string; name: string }[];
}

/**
 * Asks the host what it is and which machines it has. A host that is being deleted is seen only while something of ours is on it, so
 * that nothing seen means it may go. One that never answered, that is given up with `forget`, or whose machine is another host's is not
 * asked any more.
 */
export async function observeHost(
  ports: Ports,
  { object, claims, now }: ObserveInput<HostSpec, HostStatus>,
): Promise<Observation<HostSight>> {
  const deleting = object.metadata.deletedAt !== null && Date.parse(object.metadata.deletedAt) <= now;
  if (deleting && (givenUp(object) || twinOf(claims) !== undefined)) return nothingSeen(now);
  const { uid } = object.metadata;
  const sight = await look(ports, uid);
  if (!sight.ok) return { sightings: [], silent: [silentPlace(uid, sight.error)], asOf: now };
  if (deleting && sight.value.machines.length === 0) return nothingSeen(now);
  return { sightings: [{ place: uid, owned: true, state: sight.value }], silent: [], asOf: now };
}

function givenUp({ metadata, status }: ObserveInput<HostSpec, HostStatus>['object']): boolean {
  return status.hostname === undefined || metadata.requests.forget !== undefined;
}

async function look(ports: Ports, place: string): Promise<Result<HostSight>> {
  const host = await ports.hypervisors.at(place);
  if (!host.ok) return host;
  const [facts, machines] = await Promise.all([host.value.hosts.facts(), host.value.machines.sight()]);
  if (!facts.ok) return facts;
  if (!machines.ok) return machines;
  return { ok: true, value: { facts: facts.value, ...sorted(machines.value) } };
}

function sorted(machines: readonly MachineSight[]): Omit<HostSight, 'facts'> {
  return {
    machines: machines.filter((machine) => machine.owned).map(({ uid }) => uid),
    unmanaged: machines
      .filter((machine) => !machine.owned)
      .map(({ uid, title }) => ({ uid, name: title }))
      .sort((a, b) => (a.uid < b.uid ? -1 : 1)),
  };
}

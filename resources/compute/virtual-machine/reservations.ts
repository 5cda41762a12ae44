import type { AddressReservation, MachineSpec } from '../../../hypervisor/port.ts';
import { type JsonObject, reason } from '../../../reconciler/json.ts';
import { type Step, step } from '../../../reconciler/plan.ts';
import { ipSlot, macSlot, networksOf } from './addresses.ts';
import { leavingAddresses } from './leaving.ts';
import type { MachineState } from './observe.ts';
import type { MachineInput } from './plan.ts';
import { hostnameOf } from './seed.ts';

interface Here {
  place: string;
  seen: MachineState;
}

/** The fixed leases of a machine's NICs: network and reservation. */
export function wishedReservations({
  object,
  refs,
  claims,
}: MachineInput): { networkUid: string; reservation: AddressReservation }[] {
  const networks = networksOf(object.spec, refs);
  const held = new Map((claims?.unique ?? []).map(({ slot, value }) => [slot, value]));
  return object.spec.nics.flatMap(({ name }) => {
    const network = networks.get(name);
    const [mac, ip] = [held.get(macSlot(name)), held.get(ipSlot(name))];
    if (!network?.spec.dhcp.enabled || mac === undefined || ip === undefined) return [];
    return [{ networkUid: network.metadata.uid, reservation: { mac, ip, hostname: hostnameOf(object) } }];
  });
}

/** What the networks do not lease yet as wished. A network that is not there is its own object's matter. */
export function reservationSteps(input: MachineInput, { place, seen }: Here): Step[] {
  return wishedReservations(input).flatMap(({ networkUid, reservation }) => {
    const network = seen.networks[networkUid];
    const found = network?.reservations.find(({ mac }) => mac === reservation.mac);
    if (found && found.ip === reservation.ip && found.hostname === reservation.hostname) return [];
    if (network === null) return [];
    const { mac, ip } = reservation;
    const args = { place, networkUid, reservation: reservation as unknown as JsonObject };
    const changes = [{ path: `network/${mac}`, from: found?.ip ?? null, to: ip }];
    return [step('reserveAddress', args, { why: reason('AddressNotReserved', { mac, ip }), place, changes })];
  });
}

/** Leases of addresses that were let go: taken back once neither definition nor guest has the NIC. */
export function releaseSteps(input: MachineInput, { place, seen, spec }: Here & { spec: MachineSpec | null }): Step[] {
  const wished = new Set(
    wishedReservations(input).map(({ networkUid, reservation }) => `${networkUid} ${reservation.mac}`),
  );
  return leavingAddresses(input.claims).flatMap(({ networkUid, mac, ip }) => {
    const still = seen.networks[networkUid]?.reservations.some((found) => found.mac === mac && found.ip === ip);
    if (!still || wished.has(`${networkUid} ${mac}`) || isPlugged({ seen, spec }, { mac, networkUid })) return [];
    return [step('releaseAddress', { place, networkUid, mac }, { why: reason('AddressLetGo', { mac, ip }), place })];
  });
}

function isPlugged(
  { seen, spec }: { seen: MachineState; spec: MachineSpec | null },
  nic: { mac: string; networkUid: string },
): boolean {
  const nics = [...(seen.machine?.live?.nics ?? []), ...(seen.machine?.persistent?.nics ?? []), ...(spec?.nics ?? [])];
  return nics.some(({ mac, networkUid }) => mac === nic.mac && networkUid === nic.networkUid);
}

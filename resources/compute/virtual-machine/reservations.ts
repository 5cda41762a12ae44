import type { AddressReservation, MachineSpec } from '../../../hypervisor/port.ts';
import { jsonEqual } from '../../../reconciler/equal.ts';
import { type JsonObject, reason } from '../../../reconciler/json.ts';
import { type Step, step } from '../../../reconciler/plan.ts';
import { ipSlot, macSlot, nameSlot, networksOf } from './addresses.ts';
import { isLeaving, leavingAddresses } from './leaving.ts';
import type { MachineState } from './observe.ts';
import type { MachineInput } from './plan.ts';

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
    const [mac, ip, hostname] = [macSlot, ipSlot, nameSlot].map((slot) => held.get(slot(name)));
    if (!network?.spec.dhcp.enabled || mac === undefined || ip === undefined || hostname === undefined) return [];
    return [{ networkUid: network.metadata.uid, reservation: { mac, ip, hostname } }];
  });
}

/**
 * What the networks do not lease yet as wished. A network leases an address and a name once, so an own lease that stands in the way of
 * another one goes first. A network that is not there is its own object's matter.
 */
export function reservationSteps(input: MachineInput, { place, seen }: Here): Step[] {
  const wished = wishedReservations(input);
  const lacking = wished.filter(({ networkUid, reservation }) => {
    const network = seen.networks[networkUid];
    const found = network?.reservations.find(({ mac }) => mac === reservation.mac);
    return network !== null && !jsonEqual(found, reservation);
  });
  const own = new Set([
    ...wished.map(({ reservation }) => reservation.mac),
    ...leavingAddresses(input.claims).map(({ mac }) => mac),
  ]);
  const inTheWay = Object.entries(seen.networks).flatMap(([networkUid, network]) =>
    (network?.reservations ?? [])
      .filter(
        (found) =>
          own.has(found.mac) && lacking.some((one) => one.networkUid === networkUid && collide(one.reservation, found)),
      )
      .map((found) => release(found, { place, networkUid })),
  );
  const reserve = lacking.map(({ networkUid, reservation }) => {
    const { mac, ip } = reservation;
    const before = seen.networks[networkUid]?.reservations.find((found) => found.mac === mac);
    const args = { place, networkUid, reservation: reservation as unknown as JsonObject };
    const changes = [{ path: `network/${mac}`, from: before?.ip ?? null, to: ip }];
    return step('reserveAddress', args, { why: reason('AddressNotReserved', { mac, ip }), place, changes });
  });
  return [...inTheWay, ...reserve];
}

function collide(one: AddressReservation, other: AddressReservation): boolean {
  return one.mac !== other.mac && (one.ip === other.ip || one.hostname === other.hostname);
}

function release(
  { mac, ip }: { mac: string; ip: string },
  { place, networkUid }: { place: string; networkUid: string },
): Step {
  return step('releaseAddress', { place, networkUid, mac }, { why: reason('AddressLetGo', { mac, ip }), place });
}

/** Leases of addresses that were let go: taken back once neither definition nor guest has the NIC. */
export function releaseSteps(input: MachineInput, { place, seen, spec }: Here & { spec: MachineSpec | null }): Step[] {
  const wished = new Set(
    wishedReservations(input).map(({ networkUid, reservation }) => `${networkUid} ${reservation.mac}`),
  );
  return leavingAddresses(input.claims)
    .filter(
      ({ networkUid, mac }) => !wished.has(`${networkUid} ${mac}`) && !isPlugged({ seen, spec }, { mac, networkUid }),
    )
    .flatMap((leaving) => {
      const found = seen.networks[leaving.networkUid]?.reservations.find((one) => isLeaving(leaving, one));
      return found ? [release(found, { place, networkUid: leaving.networkUid })] : [];
    })
    .filter((one, index, all) => all.findIndex((other) => jsonEqual(other.args, one.args)) === index);
}

function isPlugged(
  { seen, spec }: { seen: MachineState; spec: MachineSpec | null },
  nic: { mac: string; networkUid: string },
): boolean {
  const nics = [...(seen.machine?.live?.nics ?? []), ...(seen.machine?.persistent?.nics ?? []), ...(spec?.nics ?? [])];
  return nics.some(({ mac, networkUid }) => mac === nic.mac && networkUid === nic.networkUid);
}

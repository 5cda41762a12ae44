import type { AddressReservation } from '../port.ts';
import { isRefusal, PortFailure } from './errors.ts';
import type { HostConnection } from './host-connection.ts';
import { isActive, networkOf, readOwnNetwork } from './networks.ts';
import { affect, networkUpdateCommand, networkUpdateSection } from './wire/flags.ts';
import { procedures } from './wire/procedures.ts';
import { buildDhcpHost, buildDnsHost, type Network } from './xml/network.ts';
import type { XmlElement } from './xml/tree.ts';
import { writeXml } from './xml/write.ts';

/** Fixed leases and names, changed in the running network and its definition at once, without a restart. */
export async function reserve(host: HostConnection, uid: string, wanted: AddressReservation): Promise<void> {
  const { network } = await readOwnNetwork(host, uid);
  const rival = network.reservations.find(({ mac, ip }) => ip === wanted.ip && !sameMac(mac, wanted.mac));
  if (rival !== undefined) {
    throw new PortFailure('Exists', `The address ${wanted.ip} is reserved for ${rival.mac} already.`);
  }
  const update = await updater(host, uid, network);
  const before = network.reservations.find(({ mac }) => sameMac(mac, wanted.mac));
  if (before !== undefined && !isSame(before, wanted)) await update.remove(before);
  await update.add(wanted);
}

export async function release(host: HostConnection, uid: string, mac: string): Promise<void> {
  const { network } = await readOwnNetwork(host, uid);
  const before = network.reservations.find((reservation) => sameMac(reservation.mac, mac));
  if (before === undefined) return;
  await (await updater(host, uid, network)).remove(before);
}

/** A lease and a name are two updates: each may be there already after an earlier try that got half way. */
async function updater(host: HostConnection, uid: string, network: Network) {
  const dhcp = network.spec.dhcp !== null;
  const flags = affect.config | ((await isActive(host, uid)) ? affect.live : 0);
  const update = async (command: number, section: number, element: XmlElement) => {
    const args = { network: networkOf(uid), command, section, parentIndex: -1, xml: writeXml(element), flags };
    try {
      await host.lanes.acts.call(procedures.networkUpdate, args);
    } catch (error) {
      if (!isDone(error, command)) throw error;
    }
  };
  const { addLast, delete: remove } = networkUpdateCommand;
  const { ipDhcpHost, dnsHost } = networkUpdateSection;
  return {
    async add(reservation: AddressReservation): Promise<void> {
      await update(addLast, dnsHost, buildDnsHost(reservation, dhcp));
      if (dhcp) await update(addLast, ipDhcpHost, buildDhcpHost(reservation));
    },
    async remove(reservation: AddressReservation): Promise<void> {
      if (dhcp) await update(remove, ipDhcpHost, buildDhcpHost(reservation));
      await update(remove, dnsHost, buildDnsHost(reservation, dhcp));
    },
  };
}

/** libvirt refuses to add what is there and to take away what is not. */
function isDone(error: unknown, command: number): boolean {
  if (!isRefusal(error, 'OPERATION_INVALID')) return false;
  if (command === networkUpdateCommand.delete) return /couldn't locate/i.test(error.message);
  return /there is an existing|already (at least )?(one|exists)|existing dhcp host/i.test(error.message);
}

function isSame(one: AddressReservation, other: AddressReservation): boolean {
  return sameMac(one.mac, other.mac) && one.ip === other.ip && one.hostname === other.hostname;
}

function sameMac(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

import type { AddressReservation } from '../port.ts';
import { PortFailure } from './errors.ts';
import type { HostConnection } from './host-connection.ts';
import { isActive, networkOf, readOwnNetwork } from './networks.ts';
import { affect, networkFlags, networkUpdateCommand, networkUpdateSection } from './wire/flags.ts';
import { procedures } from './wire/procedures.ts';
import { buildDhcpHost, buildDnsHost, type NameRecord, type Network, nameRecordOf } from './xml/network.ts';
import { isSameValue, type XmlElement } from './xml/tree.ts';
import { writeXml } from './xml/write.ts';

/** A fixed lease and its name, made in the definition and, without a restart, in the running network. */
export async function reserve(host: HostConnection, uid: string, wanted: AddressReservation): Promise<void> {
  await edit(host, uid, (network) => editsToReserve(network, wanted));
}

export async function release(host: HostConnection, uid: string, mac: string): Promise<void> {
  await edit(host, uid, (network) => editsToRelease(network, mac));
}

export type Edit = { verb: 'add' | 'remove'; lease: AddressReservation } | { verb: 'add' | 'remove'; name: NameRecord };

/** What is wrong or missing, whatever an earlier try that got half way has left. Throws Exists for a taken address or name. */
export function editsToReserve(network: Network, wanted: AddressReservation): Edit[] {
  const dhcp = network.spec.dhcp !== null;
  const record = nameRecordOf(wanted, dhcp);
  const rival = network.leases.find(
    ({ mac, ip, hostname }) => !sameMac(mac, wanted.mac) && (ip === wanted.ip || hostname === wanted.hostname),
  );
  if (rival !== undefined) {
    const what = rival.ip === wanted.ip ? `address ${wanted.ip}` : `name ${wanted.hostname}`;
    throw new PortFailure('Exists', `The ${what} is reserved for ${rival.mac} already.`);
  }
  const stale = network.leases.filter((lease) => sameMac(lease.mac, wanted.mac) && !isSame(lease, wanted));
  const addresses = new Set([wanted.ip, ...stale.map(({ ip }) => ip)]);
  const wrongNames = network.names.filter(
    (name) => !isSameValue(name, record) && (addresses.has(name.ip) || name.hostnames.includes(wanted.hostname)),
  );
  return [
    ...(dhcp ? stale.map((lease): Edit => ({ verb: 'remove', lease })) : []),
    ...wrongNames.map((name): Edit => ({ verb: 'remove', name })),
    ...(network.names.some((name) => isSameValue(name, record)) ? [] : [{ verb: 'add', name: record } as const]),
    ...(!dhcp || network.leases.some((lease) => isSame(lease, wanted))
      ? []
      : [{ verb: 'add', lease: wanted } as const]),
  ];
}

export function editsToRelease(network: Network, mac: string): Edit[] {
  const leases = network.leases.filter((lease) => sameMac(lease.mac, mac));
  const addresses = new Set(leases.map(({ ip }) => ip));
  const names = network.names.filter(({ ip }) => addresses.has(ip));
  return [
    ...(network.spec.dhcp === null ? [] : leases.map((lease): Edit => ({ verb: 'remove', lease }))),
    ...names.map((name): Edit => ({ verb: 'remove', name })),
  ];
}

/** The definition and the running network each by what it holds: somebody may have changed one of them alone. */
async function edit(host: HostConnection, uid: string, plan: (network: Network) => Edit[]): Promise<void> {
  await readOwnNetwork(host, uid);
  const active = await isActive(host, uid);
  // The test driver has one description for both.
  const whole = { read: 0, write: affect.config | (active ? affect.live : 0) };
  const config = { read: networkFlags.xmlInactive, write: affect.config };
  const live = { read: 0, write: affect.live };
  const scopes = host.driver === 'TEST' ? [whole] : active ? [config, live] : [config];
  for (const scope of scopes) {
    const { network } = await readOwnNetwork(host, uid, scope.read);
    for (const step of plan(network)) await apply(host, uid, { step, flags: scope.write });
  }
}

async function apply(host: HostConnection, uid: string, { step, flags }: { step: Edit; flags: number }): Promise<void> {
  const command = step.verb === 'add' ? networkUpdateCommand.addLast : networkUpdateCommand.delete;
  const [section, element]: [number, XmlElement] =
    'lease' in step
      ? [networkUpdateSection.ipDhcpHost, buildDhcpHost(step.lease)]
      : [networkUpdateSection.dnsHost, buildDnsHost(step.name)];
  const args = { network: networkOf(uid), command, section, parentIndex: -1, xml: writeXml(element), flags };
  await host.lanes.acts.call(procedures.networkUpdate, args);
}

function isSame(one: AddressReservation, other: AddressReservation): boolean {
  return sameMac(one.mac, other.mac) && one.ip === other.ip && one.hostname === other.hostname;
}

function sameMac(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

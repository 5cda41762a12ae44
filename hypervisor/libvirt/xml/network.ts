import { Address4, Address6 } from 'ip-address';
import type { AddressReservation, NetworkSpec } from '../../port.ts';
import { findOwn, metadataWith, ownElement } from './ownership.ts';
import { childrenNamed, descend, element, setChild, textOf, type XmlElement } from './tree.ts';
import { wholeNumber } from './wish.ts';

/** A network's XML as plain data. */
export interface Network {
  uuid: string;
  name: string;
  /** The installation that made it, if its metadata says so. */
  installationId: string | null;
  spec: NetworkSpec;
  /** Those that are whole: lease and name. */
  reservations: AddressReservation[];
  /** Fixed leases, whether their names are there or not. */
  leases: AddressReservation[];
  /** Names served by DNS, each once for its address. */
  names: NameRecord[];
  /** NICs that are plugged in; only a running network that has some says it. */
  connections: number;
}

export interface NameRecord {
  ip: string;
  hostnames: string[];
}

export function buildNetwork(spec: NetworkSpec, reservations: readonly AddressReservation[]): XmlElement {
  const own = ownElement('network', { uid: spec.uid, installationId: spec.installationId, cidr: spec.cidr });
  return element('network', {}, [
    element('name', {}, spec.uid),
    element('uuid', {}, spec.uid),
    metadataWith(own, undefined, 'network'),
    spec.forward === 'nat' ? element('forward', { mode: 'nat' }) : null,
    element('bridge', { name: spec.bridge, stp: 'on', delay: 0 }),
    spec.mtu === null ? null : element('mtu', { size: spec.mtu }),
    spec.domain === '' ? null : element('domain', { name: spec.domain, localOnly: 'yes' }),
    buildDns(spec, reservations),
    buildIp(spec, reservations),
  ]);
}

export function parseNetwork(network: XmlElement): Network {
  const own = findOwn(network, 'network')?.attributes;
  const uuid = textOf(descend(network, 'uuid'));
  const ip = descend(network, 'ip');
  const range = descend(ip, 'dhcp', 'range')?.attributes;
  return {
    uuid,
    name: textOf(descend(network, 'name')),
    installationId: own?.installationId ?? null,
    spec: {
      uid: uuid,
      installationId: own?.installationId ?? '',
      bridge: descend(network, 'bridge')?.attributes.name ?? '',
      domain: descend(network, 'domain')?.attributes.name ?? '',
      forward: descend(network, 'forward') === undefined ? 'none' : 'nat',
      cidr: cidrOf(ip, own?.cidr),
      gateway: ip?.attributes.address ?? '',
      dhcp: range === undefined ? null : { first: range.start ?? '', last: range.end ?? '' },
      dns: descend(network, 'dns')?.attributes.enable !== 'no',
      mtu: wholeNumber(descend(network, 'mtu')?.attributes.size),
    },
    ...parseHosts(network),
    connections: wholeNumber(network.attributes.connections) ?? 0,
  };
}

/** Keeps what the existing definition has beyond a NetworkSpec: its MAC address, options, foreign metadata. */
export function mergeNetwork(existing: XmlElement, spec: NetworkSpec): XmlElement {
  const built = buildNetwork(spec, parseHosts(existing).reservations);
  const merged = structuredClone(existing);
  delete merged.attributes.connections;
  for (const name of ['forward', 'mtu', 'domain', 'dns', 'ip', 'bridge'] as const) {
    const wanted = descend(built, name) ?? null;
    const same = name === 'forward' && wanted !== null && descend(existing, name)?.attributes.mode === 'nat';
    if (!same) setChild(merged, name, wanted);
  }
  const own = findOwn(built, 'network');
  if (own !== undefined) setChild(merged, 'metadata', metadataWith(own, existing, 'network'));
  return merged;
}

export function buildDhcpHost(reservation: AddressReservation): XmlElement {
  return element('host', { mac: reservation.mac, name: reservation.hostname, ip: reservation.ip });
}

export function buildDnsHost(record: NameRecord): XmlElement {
  return element(
    'host',
    { ip: record.ip },
    record.hostnames.map((name) => element('hostname', {}, name)),
  );
}

/** Without DHCP no element of a network has a place for a MAC, so it rides along as a second name. */
export function nameRecordOf({ mac, ip, hostname }: AddressReservation, dhcp: boolean): NameRecord {
  return { ip, hostnames: dhcp ? [hostname] : [hostname, macLabel(mac)] };
}

const macPrefix = 'mac-';

function macLabel(mac: string): string {
  return `${macPrefix}${mac.replaceAll(':', '-')}`;
}

function buildDns(spec: NetworkSpec, reservations: readonly AddressReservation[]): XmlElement | null {
  if (spec.dns && reservations.length === 0) return null;
  const hosts = reservations.map((reservation) => buildDnsHost(nameRecordOf(reservation, spec.dhcp !== null)));
  return element('dns', { enable: spec.dns ? null : 'no' }, hosts);
}

function buildIp(spec: NetworkSpec, reservations: readonly AddressReservation[]): XmlElement {
  const family = spec.gateway.includes(':') ? 'ipv6' : null;
  const { dhcp } = spec;
  return element('ip', { family, address: spec.gateway, prefix: spec.cidr.split('/')[1] }, [
    dhcp === null
      ? null
      : element('dhcp', {}, [
          element('range', { start: dhcp.first, end: dhcp.last }),
          ...reservations.map((reservation) => buildDhcpHost(reservation)),
        ]),
  ]);
}

/** A lease whose name is missing is half a reservation, and counts as none: so the other half is made. */
function parseHosts(network: XmlElement): Pick<Network, 'reservations' | 'leases' | 'names'> {
  const names = childrenNamed(descend(network, 'dns'), 'host').map((host) => ({
    ip: host.attributes.ip ?? '',
    hostnames: childrenNamed(host, 'hostname').map(textOf),
  }));
  const dhcp = descend(network, 'ip', 'dhcp');
  if (dhcp === undefined) {
    const labelled = names.flatMap(labelledReservation);
    return { reservations: labelled, leases: labelled, names };
  }
  const leases = childrenNamed(dhcp, 'host').map(({ attributes: { mac = '', ip = '', name = '' } }) => ({
    mac,
    ip,
    hostname: name,
  }));
  const isNamed = ({ ip, hostname }: AddressReservation) =>
    names.some((record) => record.ip === ip && record.hostnames.includes(hostname));
  return { reservations: leases.filter(isNamed), leases, names };
}

function labelledReservation({ ip, hostnames }: NameRecord): AddressReservation[] {
  const label = hostnames.find((name) => /^mac(-[0-9a-fA-F]{2}){6}$/.test(name));
  if (label === undefined) return [];
  const mac = label.slice(macPrefix.length).replaceAll('-', ':');
  return [{ mac, ip, hostname: hostnames.find((name) => name !== label) ?? '' }];
}

/** libvirt keeps the gateway and the prefix; the network's own address is what was noted, as long as it agrees. */
function cidrOf(ip: XmlElement | undefined, noted: string | undefined): string {
  const address = ip?.attributes.address;
  if (address === undefined) return '';
  const actual = `${address}/${ip?.attributes.prefix ?? prefixOf(ip?.attributes.netmask)}`;
  const base = startOf(actual);
  return noted !== undefined && startOf(noted) === base ? noted : (base ?? '');
}

function startOf(cidr: string): string | null {
  const version = cidr.includes(':') ? Address6 : Address4;
  if (!version.isValid(cidr)) return null;
  return `${new version(cidr).startAddress().correctForm()}/${cidr.split('/')[1]}`;
}

function prefixOf(netmask: string | undefined): number {
  if (netmask === undefined || !Address4.isValid(netmask)) return 24;
  return new Address4(netmask).bigInt().toString(2).replaceAll('0', '').length;
}

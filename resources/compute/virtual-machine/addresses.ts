import type { Claims, UniqueClaim, World } from '../../../reconciler/claims.ts';
import { type Reason, reason } from '../../../reconciler/json.ts';
import type { Refs } from '../../../reconciler/kind.ts';
import { addressing } from '../../network/addressing.ts';
import { contains, formatIp, parseIp } from '../../network/ipv4.ts';
import type { NetworkSpec, NetworkStatus } from '../../network/network/kind.ts';
import { hash32 } from '../../placement/hash.ts';
import { typed } from '../../typed.ts';
import type { MachineWish, NicWish } from './spec.ts';

/** All machines of an installation draw from one pool of MAC addresses. */
export const MAC_POOL = 'mac';
const MAC_PREFIX = '52:54:00';

export function ipPool(networkUid: string): string {
  return `ip/${networkUid}`;
}

export const macSlot = (nic: string) => `nic/${nic}/mac`;
export const ipSlot = (nic: string) => `nic/${nic}/ip`;
export const nameSlot = (nic: string) => `nic/${nic}/name`;

/** Names in a network's DNS. */
export function namePool(networkUid: string): string {
  return `name/${networkUid}`;
}

/** Networks of a machine's NICs, by the NIC's name; undefined where there is none (any more). */
export function networksOf(spec: MachineWish, refs: Refs): Map<string, NetworkObject | undefined> {
  return new Map(
    spec.nics.map(({ name }, index) => [name, typed<NetworkSpec, NetworkStatus>(refs.at(`/nics/${index}/network`))]),
  );
}

export type NetworkObject = NonNullable<ReturnType<typeof typed<NetworkSpec, NetworkStatus>>>;

/**
 * MAC and IP of every NIC. What a NIC holds it keeps, by its name, whatever its position; a fixed address that is wished replaces it.
 * Choices start at a point that depends on uid and name, so that machines placed at the same time rarely want the same. Pure.
 */
export function addressClaims(input: {
  uid: string;
  hostname: string;
  spec: MachineWish;
  refs: Refs;
  held: Claims | null;
  world: World;
  attempt: number;
}): UniqueClaim[] | { refused: Reason } {
  const networks = networksOf(input.spec, input.refs);
  const claims: UniqueClaim[] = [];
  for (const nic of input.spec.nics) {
    const network = networks.get(nic.name);
    if (!network) return { refused: reason('NetworkGone', { nic: nic.name, network: nic.network }) };
    const mac = macFor(nic, input);
    const ip = ipFor(nic, network, { ...input, claims });
    if (typeof ip === 'object' && ip !== null) return ip;
    const added: UniqueClaim[] = [{ pool: MAC_POOL, value: mac, slot: macSlot(nic.name) }];
    if (ip !== null)
      added.push(
        { pool: ipPool(network.metadata.uid), value: ip, slot: ipSlot(nic.name) },
        nameFor(nic, network, { ...input, claims }),
      );
    const lost = added.find((claim) => takenByOthers(claim, input));
    if (lost) return { refused: reason('AddressTaken', { address: lost.value, nic: nic.name }) };
    claims.push(...added);
  }
  return claims;
}

function takenByOthers({ pool, value }: UniqueClaim, { held, world }: { held: Claims | null; world: World }): boolean {
  const own = held?.unique.some((claim) => claim.pool === pool && claim.value === value) === true;
  return !own && world.taken[pool]?.has(value) === true;
}

function macFor(nic: NicWish, { uid, held, attempt }: { uid: string; held: Claims | null; attempt: number }): string {
  if (nic.mac !== undefined) return nic.mac;
  const kept = held?.unique.find(({ slot }) => slot === macSlot(nic.name))?.value;
  if (kept !== undefined) return kept;
  const tail = hash32(`${uid}/${nic.name}/${attempt}`) >>> 8;
  const bytes = [tail >>> 16, (tail >>> 8) & 255, tail & 255].map((byte) => byte.toString(16).padStart(2, '0'));
  return [MAC_PREFIX, ...bytes].join(':');
}

const NAME_MAX = 63;

/**
 * The host name for the first of a machine's NICs in a network; another NIC there has its own name behind it, since a name leads to one
 * address. A name that another machine has in that network gets a tail of its own.
 */
function nameFor(
  nic: NicWish,
  network: NetworkObject,
  input: { uid: string; hostname: string; held: Claims | null; world: World; claims: readonly UniqueClaim[] },
): UniqueClaim {
  const { uid, hostname, held, claims } = input;
  const pool = namePool(network.metadata.uid);
  const slot = nameSlot(nic.name);
  const first = !claims.some((claim) => claim.pool === pool);
  const plain = first ? hostname : suffixed(hostname, nic.name);
  const own = suffixed(plain, hash32(uid).toString(36).slice(0, 5));
  const kept = held?.unique.find((claim) => claim.pool === pool && claim.slot === slot)?.value;
  if (kept === plain || kept === own) return { pool, value: kept, slot };
  return { pool, value: takenByOthers({ pool, value: plain, slot }, input) ? own : plain, slot };
}

function suffixed(name: string, suffix: string): string {
  return `${name.slice(0, NAME_MAX - 1 - suffix.length)}-${suffix}`;
}

/** Null: the network leases nothing, so its guests address themselves. */
function ipFor(
  nic: NicWish,
  network: NetworkObject,
  input: { uid: string; held: Claims | null; world: World; attempt: number; claims: readonly UniqueClaim[] },
): string | null | { refused: Reason } {
  const { held, world, uid, attempt, claims } = input;
  const cidrText = network.status.cidr;
  if (cidrText === undefined)
    return { refused: reason('NetworkNotReady', { nic: nic.name, network: nic.network, why: 'Pending' }) };
  const space = addressing(network.spec, cidrText);
  const usable = (address: number) =>
    contains(space.cidr, address) && ![space.cidr.first, space.cidr.last, space.gateway].includes(address);
  if (nic.ip !== undefined) {
    if (usable(parseIp(nic.ip))) return nic.ip;
    return { refused: reason('AddressOutside', { ip: nic.ip, network: nic.network, cidr: cidrText }) };
  }
  if (!network.spec.dhcp.enabled) return null;
  const pool = ipPool(network.metadata.uid);
  const kept = held?.unique.find((claim) => claim.slot === ipSlot(nic.name) && claim.pool === pool)?.value;
  if (kept !== undefined && usable(parseIp(kept))) return kept;
  // What another NIC of the same machine holds, and lets go now, is leased until that NIC is gone.
  const own = [...claims, ...(held?.unique ?? [])].filter((claim) => claim.pool === pool);
  const taken = new Set([...(world.taken[pool] ?? []), ...own.map(({ value }) => value)]);
  const start = hash32(`${uid}/${nic.name}/${attempt}`);
  for (const { first, size } of searched(space.cidr)) {
    for (let i = 0; i < size; i++) {
      const address = first + (((start % size) + i * strideIn(size)) % size);
      const leased = space.dynamic !== null && contains(space.dynamic, address);
      if (usable(address) && !leased && !taken.has(formatIp(address))) return formatIp(address);
    }
  }
  return { refused: reason('AddressesExhausted', { network: nic.network, cidr: cidrText }) };
}

/** Goes through all of a range in leaps, so that machines that find the same address taken do not crowd behind it. */
function strideIn(size: number): number {
  return size % 61 === 0 ? 59 : 61;
}

/** The first quarter last: there people have their fixed addresses, and one that is wished must not be gone before its machine comes. */
function searched({ first, last }: { first: number; last: number }): { first: number; size: number }[] {
  const size = last - first + 1;
  const quarter = Math.floor(size / 4);
  return [
    { first: first + quarter, size: size - quarter },
    { first, size: quarter },
  ];
}

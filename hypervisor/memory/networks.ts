import type { AddressReservation, NetworkPort, NetworkSight, NetworkSpec, Result } from '../port.ts';
import { type Connection, call } from './call.ts';
import { capabilitiesOf } from './capabilities.ts';
import { leasesOf } from './leases.ts';
import { settle, uidOf } from './machine-power.ts';
import { DONE, failure, success } from './results.ts';
import type { HostState, NetworkState } from './state.ts';
import { changed, type World } from './world.ts';

export function createNetworkPort(connection: Connection): NetworkPort {
  const { world, host } = connection;
  const act = (verb: string, uid: string, options: Parameters<NetworkPort['stop']>[1], effect: () => Result<void>) =>
    call(connection, { verb: `networks.${verb}`, uid, changes: true, options }, effect);
  return {
    sight: (uids, options) =>
      call(connection, { verb: 'networks.sight', uid: null, changes: false, options }, () =>
        success(sights(connection, uids)),
      ),
    ensure: (spec, options) => act('ensure', spec.uid, options, () => ensure(connection, spec)),
    stop: (uid, options) =>
      act('stop', uid, options, () => {
        const found = ownNetwork(connection, uid);
        if (found.ok) stopNetwork(world, host, found.value);
        return found.ok ? DONE : found;
      }),
    remove: (uid, options) =>
      act('remove', uid, options, () => {
        const found = ownNetwork(connection, uid);
        if (!found.ok) return found.error.code === 'NotFound' ? DONE : found;
        removeNetwork(world, host, found.value);
        return DONE;
      }),
    reserve: ({ uid, reservation }, options) =>
      act('reserve', uid, options, () => reserve(connection, uid, reservation)),
    release: ({ uid, mac }, options) => act('release', uid, options, () => release(connection, { uid, mac })),
    leases: (uid, options) =>
      call(connection, { verb: 'networks.leases', uid, changes: false, options }, () => {
        settle(world, host);
        const found = ownNetwork(connection, uid);
        return found.ok ? success(leasesOf(host, found.value)) : found;
      }),
    hostRoutes: (options) =>
      call(connection, { verb: 'networks.hostRoutes', uid: null, changes: false, options }, () =>
        success({ known: true, cidrs: [...host.routes] }),
      ),
  };
}

function sights({ world, host, installationId }: Connection, uids: readonly string[] | undefined): NetworkSight[] {
  settle(world, host);
  return Object.values(host.networks)
    .filter((network) => uids === undefined || uids.includes(network.uid))
    .map((network) => ({
      uid: network.uid,
      owned: network.installationId === installationId,
      installationId: network.installationId,
      name: network.name,
      active: network.active,
      spec: structuredClone(network.spec),
      reservations: structuredClone(network.reservations),
      ports: network.active ? connectedMacs(host, network.uid) : null,
    }));
}

/** MACs of running NICs that are plugged into the network now. */
export function connectedMacs(host: HostState, networkUid: string): string[] {
  return Object.values(host.machines).flatMap((machine) =>
    (machine.live?.nics ?? [])
      .filter((nic) => nic.networkUid === networkUid && !machine.unplugged.includes(nic.mac))
      .map((nic) => nic.mac),
  );
}

function ownNetwork({ host, installationId }: Connection, uid: string): Result<NetworkState> {
  const network = host.networks[uid];
  if (!network) return failure('NotFound', `There is no network ${uid}.`);
  if (network.installationId !== installationId) {
    return failure('NotOwned', `Network ${uid} was not made by this installation.`);
  }
  return success(network);
}

function ensure(connection: Connection, spec: NetworkSpec): Result<void> {
  const { world, host } = connection;
  const found = ownNetwork(connection, spec.uid);
  if (!found.ok && found.error.code === 'NotOwned') return found;
  const rival = Object.values(host.networks).find((n) => n.uid !== spec.uid && n.spec?.bridge === spec.bridge);
  if (rival) return failure('Exists', `Bridge ${spec.bridge} is in use by network ${rival.uid}.`);
  const { uid, installationId } = spec;
  const network: NetworkState = found.ok
    ? found.value
    : { uid, installationId, name: uid, active: false, spec: null, reservations: [] };
  const same = JSON.stringify(network.spec) === JSON.stringify(spec);
  if (network.active && same) return DONE;
  // What runs without a definition is what was defined before: it is written down again, and runs on.
  if (network.active && network.spec !== null) stopNetwork(world, host, network);
  network.spec = structuredClone(spec);
  network.active = true;
  host.networks[uid] = network;
  changed(world, host, { noun: 'network', uid });
  tellGuests(world, host, network);
  return DONE;
}

/** Of a network that has started: the NICs of those that ran on hang in the air. */
function tellGuests(world: World, host: HostState, { uid }: NetworkState): void {
  for (const machine of Object.values(host.machines)) {
    if (machine.live?.nics.some(({ networkUid }) => networkUid === uid)) {
      changed(world, host, { noun: 'machine', uid: uidOf(machine) });
    }
  }
}

/** Its guests' NICs lose their plug, and do not get it back when the network starts again: only when they are attached anew. */
export function stopNetwork(world: World, host: HostState, network: NetworkState): void {
  if (!network.active) return;
  network.active = false;
  for (const machine of Object.values(host.machines)) {
    for (const nic of machine.live?.nics ?? []) {
      if (nic.networkUid === network.uid && !machine.unplugged.includes(nic.mac)) machine.unplugged.push(nic.mac);
    }
  }
  changed(world, host, { noun: 'network', uid: network.uid });
}

export function removeNetwork(world: World, host: HostState, network: NetworkState): void {
  stopNetwork(world, host, network);
  delete host.networks[network.uid];
  changed(world, host, { noun: 'network', uid: network.uid });
}

function reserve(connection: Connection, uid: string, reservation: AddressReservation): Result<void> {
  const { world, host } = connection;
  const found = ownNetwork(connection, uid);
  if (!found.ok) return found;
  if (!capabilitiesOf(world).networkUpdate) return failure('Unsupported', 'This host lacks networkUpdate.');
  const network = found.value;
  const rival = network.reservations.find((other) => other.mac !== reservation.mac && other.ip === reservation.ip);
  if (rival) return failure('Exists', `Address ${reservation.ip} is reserved for ${rival.mac}.`);
  const namesake = network.reservations.find(
    ({ mac, hostname }) => mac !== reservation.mac && hostname === reservation.hostname,
  );
  if (namesake) return failure('Exists', `The name ${reservation.hostname} is reserved for ${namesake.mac}.`);
  const others = network.reservations.filter((other) => other.mac !== reservation.mac);
  network.reservations = [...others, { ...reservation }];
  changed(world, host, { noun: 'network', uid });
  return DONE;
}

function release(connection: Connection, { uid, mac }: { uid: string; mac: string }): Result<void> {
  const { world, host } = connection;
  const found = ownNetwork(connection, uid);
  if (!found.ok) return found;
  if (!capabilitiesOf(world).networkUpdate) return failure('Unsupported', 'This host lacks networkUpdate.');
  found.value.reservations = found.value.reservations.filter((reservation) => reservation.mac !== mac);
  changed(world, host, { noun: 'network', uid });
  return DONE;
}

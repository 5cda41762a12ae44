import type { NetworkPort, NetworkSight, NetworkSpec } from '../port.ts';
import { type Batcher, pipelined, type Wanted } from './batch.ts';
import { attempt, attemptRead, isRefusal, PortFailure, unlessRefused } from './errors.ts';
import type { HostConnection } from './host-connection.ts';
import { readHostRoutes } from './host-routes.ts';
import { endLeftParking, parkingName } from './parking.ts';
import { release, reserve } from './reservations.ts';
import { listNetworks, networkFlags } from './wire/flags.ts';
import { procedures } from './wire/procedures.ts';
import type { NetworkRef } from './wire/refs.ts';
import { buildNetwork, mergeNetwork, type Network, parseNetwork } from './xml/network.ts';
import { readXml } from './xml/read.ts';
import { isSameValue, type XmlElement } from './xml/tree.ts';
import { writeXml } from './xml/write.ts';

export function createNetworkPort(host: HostConnection, looks: Batcher<Map<string, NetworkSight>>): NetworkPort {
  return {
    sight: (uids, options) =>
      attemptRead(options, async () => {
        const seen = await looks.ask(uids ?? null);
        if (uids === undefined) return [...seen.values()];
        return [...new Set(uids)].flatMap((uid) => seen.get(uid) ?? []);
      }),
    ensure: (spec, options) => attempt(options, () => ensure(host, spec)),
    stop: (uid, options) =>
      attempt(options, async () => {
        await readOwnNetwork(host, uid);
        await stop(host, uid);
      }),
    remove: (uid, options) => attempt(options, () => remove(host, uid)),
    reserve: ({ uid, reservation }, options) => attempt(options, () => reserve(host, uid, reservation)),
    release: ({ uid, mac }, options) => attempt(options, () => release(host, uid, mac)),
    leases: (uid, options) => attemptRead(options, () => leases(host, uid)),
    hostRoutes: (options) =>
      attemptRead(options, async () => {
        const ours = [...(await looks.ask(null)).values()].filter(({ owned }) => owned);
        return await readHostRoutes(host.uri, new Set(ours.map(({ spec }) => spec?.bridge ?? '')));
      }),
  };
}

/** One look at the networks asked for: three listings, then the XML and the ports of each. */
export async function lookAtNetworks(host: HostConnection, wanted: Wanted): Promise<Map<string, NetworkSight>> {
  const [all, active, persistent] = await Promise.all([
    list(host, 0),
    list(host, listNetworks.active),
    list(host, listNetworks.persistent),
  ]);
  if ([...all.values()].some(({ name }) => name === parkingName)) await endLeftParking(host);
  const chosen = [...all.values()].filter(({ uuid }) => wanted === null || wanted.has(uuid));
  const sights = await pipelined(chosen, async (ref) => {
    const runs = active.has(ref.uuid);
    const [network, ports] = await Promise.all([describe(host, ref, 0), runs ? portsOf(host, ref) : null]);
    const found = { active: runs, persistent: persistent.has(ref.uuid), ports };
    return network === null ? null : sightOf(host, network.network, found);
  });
  return new Map(sights.flatMap((sight) => (sight === null ? [] : [[sight.uid, sight]])));
}

/** Ports that NICs are plugged into; null where the driver knows of none, or the network is just gone. */
export async function portsOf(host: HostConnection, network: NetworkRef): Promise<string[] | null> {
  if (host.driver !== 'QEMU') return null;
  const args = { network, needResults: true, flags: 0 };
  const call = host.lanes.inventory.call(procedures.networkListAllPorts, args);
  const found = await unlessRefused(call, ['NO_NETWORK', 'OPERATION_INVALID', 'NO_SUPPORT'], null);
  return found === null ? null : found.ports.map(({ uuid }) => uuid);
}

/** A network of ours: its name is its UUID. */
export function networkOf(uid: string): NetworkRef {
  return { name: uid, uuid: uid };
}

/** A network of ours as it stands in libvirt now. */
export async function readOwnNetwork(host: HostConnection, uid: string, flags = 0): Promise<ReadNetwork> {
  const read = await readNetwork(host, uid, flags);
  if (read === null) throw new PortFailure('NotFound', `There is no network ${uid}.`);
  if (read.network.installationId !== host.installationId) throw notOwned(uid);
  return read;
}

export async function isActive(host: HostConnection, uid: string): Promise<boolean> {
  return (await host.lanes.inventory.call(procedures.networkIsActive, { network: networkOf(uid) })).active;
}

interface ReadNetwork {
  tree: XmlElement;
  network: Network;
}

const actTimeoutMs = 60_000;

async function list(host: HostConnection, flags: number): Promise<Map<string, NetworkRef>> {
  const { networks } = await host.lanes.inventory.call(procedures.connectListAllNetworks, { needResults: true, flags });
  return new Map(networks.map((ref) => [ref.uuid, ref]));
}

/** Looked up by UUID first: not every driver finds a network by it in all calls. */
async function readNetwork(host: HostConnection, uid: string, flags: number): Promise<ReadNetwork | null> {
  const call = host.lanes.inventory.call(procedures.networkLookupByUuid, { uuid: uid });
  const found = await unlessRefused(call, ['NO_NETWORK'], null);
  return found === null ? null : await describe(host, found.network, flags);
}

async function describe(host: HostConnection, network: NetworkRef, wantedFlags: number): Promise<ReadNetwork | null> {
  // The test driver keeps one description only, and refuses to be asked for another.
  const flags = host.driver === 'TEST' ? 0 : wantedFlags;
  const call = host.lanes.inventory.call(procedures.networkGetXmlDesc, { network, flags });
  const answer = await unlessRefused(call, ['NO_NETWORK'], null);
  if (answer === null) return null;
  const tree = readXml(answer.xml);
  return { tree, network: parseNetwork(tree) };
}

/** What runs is what is seen. A network without a definition would be gone after the next stop, so it has no spec to rely on. */
function sightOf(
  host: HostConnection,
  network: Network,
  { active, persistent, ports }: { active: boolean; persistent: boolean; ports: string[] | null },
): NetworkSight {
  const { uuid, name, installationId, spec, reservations } = network;
  const owned = installationId === host.installationId;
  return {
    uid: uuid,
    owned,
    installationId,
    name,
    active,
    spec: persistent ? spec : null,
    reservations,
    ports,
  };
}

/** A running network that is not as wished is stopped and started anew: little of it can be changed live. */
async function ensure(host: HostConnection, spec: NetworkSpec): Promise<void> {
  const existing = await readNetwork(host, spec.uid, networkFlags.xmlInactive);
  if (existing !== null && existing.network.installationId !== host.installationId) throw notOwned(spec.uid);
  const active = existing !== null && (await isActive(host, spec.uid));
  const live = active ? (await readNetwork(host, spec.uid, 0))?.network.spec : undefined;
  const runsAsWished = live !== undefined && isSameValue(live, spec);
  if (active && !runsAsWished) await stop(host, spec.uid);
  const network = networkOf(spec.uid);
  const persistent =
    existing !== null && (await host.lanes.inventory.call(procedures.networkIsPersistent, { network })).persistent;
  if (!persistent || !isSameValue(existing.network.spec, spec)) {
    const tree = existing === null ? buildNetwork(spec, []) : mergeNetwork(existing.tree, spec);
    await host.lanes.acts.call(procedures.networkDefineXml, { xml: writeXml(tree) });
  }
  if (!runsAsWished) await start(host, spec.uid);
}

async function start(host: HostConnection, uid: string): Promise<void> {
  const args = { network: networkOf(uid) };
  try {
    await host.lanes.acts.call(procedures.networkCreate, args, { timeoutMs: actTimeoutMs });
  } catch (error) {
    if (!isRefusal(error, 'OPERATION_INVALID') || !(await isActive(host, uid))) throw error;
  }
}

async function stop(host: HostConnection, uid: string): Promise<void> {
  const args = { network: networkOf(uid) };
  const stopping = host.lanes.acts.call(procedures.networkDestroy, args, { timeoutMs: actTimeoutMs });
  await unlessRefused(stopping, ['OPERATION_INVALID', 'NO_NETWORK'], undefined);
}

async function remove(host: HostConnection, uid: string): Promise<void> {
  const existing = await readNetwork(host, uid, networkFlags.xmlInactive);
  if (existing === null) return;
  if (existing.network.installationId !== host.installationId) throw notOwned(uid);
  await stop(host, uid);
  const removing = host.lanes.acts.call(procedures.networkUndefine, { network: networkOf(uid) });
  await unlessRefused(removing, ['NO_NETWORK'], undefined);
}

/** A driver without DHCP servers has given no leases. */
async function leases(host: HostConnection, uid: string) {
  await readOwnNetwork(host, uid);
  const args = { network: networkOf(uid), mac: null, needResults: true, flags: 0 };
  const call = host.lanes.inventory.call(procedures.networkGetDhcpLeases, args);
  const found = await unlessRefused(call, ['NO_SUPPORT', 'OPERATION_INVALID'], { leases: [] });
  return found.leases.map(({ mac, address, hostname }) => ({
    mac: mac ?? '',
    ip: address,
    hostname: hostname || null,
  }));
}

function notOwned(uid: string): PortFailure {
  return new PortFailure('NotOwned', `The network ${uid} was not made by this installation.`);
}

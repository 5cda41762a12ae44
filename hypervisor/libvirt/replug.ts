import { isRefusal } from './errors.ts';
import type { HostConnection } from './host-connection.ts';
import type { LiveMachine } from './machine-devices.ts';
import { affect } from './wire/flags.ts';
import { remote } from './wire/procedures/define.ts';
import { procedures } from './wire/procedures.ts';
import { networkRef } from './wire/refs.ts';
import { string, struct } from './wire/xdr.ts';
import { parseNetwork } from './xml/network.ts';
import { readXml } from './xml/read.ts';
import { descend, element, setChild, type XmlElement } from './xml/tree.ts';
import { writeXml } from './xml/write.ts';

/**
 * Plugs a running guest's NIC into its network again. A network that was stopped and started has a new bridge, and the guest's
 * end still hangs in the air. libvirt plugs a NIC in only when its network changes, so it is sent to an empty network and
 * back; the guest sees its NIC all along. Does nothing while the network counts all its NICs as plugged in.
 */
export async function replugNic(machine: LiveMachine, nic: XmlElement, wished: string): Promise<void> {
  const { host } = machine;
  const home = descend(nic, 'source')?.attributes.network;
  // Whoever parked it was killed before it was sent home.
  if (home === parkingName) return withParking(host, () => move(machine, nic, wished));
  if (home === undefined || !(await hasLostNics(host, home))) return;
  await withParking(host, async () => {
    await move(machine, nic, parkingName);
    await move(machine, nic, home);
  });
}

/** Its NICs are plugged in nowhere, whatever libvirt says. */
export const parkingName = 'steward-parking';
const parkingBridge = 'stw-parking';

/** Start a network that vanishes when it stops. */
const networkCreateXml = remote('networkCreateXml', 40, {
  args: struct({ xml: string() }),
  result: struct({ network: networkRef }),
});

/** One at a time a host: the parking network is there only while it is used. */
const parking = new WeakMap<HostConnection, Promise<void>>();

async function hasLostNics(host: HostConnection, networkName: string): Promise<boolean> {
  const { network } = await host.lanes.inventory.call(procedures.networkLookupByName, { name: networkName });
  const { xml } = await host.lanes.inventory.call(procedures.networkGetXmlDesc, { network, flags: 0 });
  const machines = await host.inventory.sight(undefined);
  const expected = machines.flatMap(({ live }) => live?.nics ?? []).filter((it) => it.networkUid === networkName);
  return parseNetwork(readXml(xml)).connections < expected.length;
}

async function withParking(host: HostConnection, work: () => Promise<void>): Promise<void> {
  const before = parking.get(host) ?? Promise.resolve();
  const mine = before.then(async () => {
    const network = await openParking(host);
    try {
      await work();
    } finally {
      await host.lanes.acts.call(procedures.networkDestroy, { network });
    }
  });
  parking.set(
    host,
    mine.catch(() => undefined),
  );
  await mine;
}

async function openParking(host: HostConnection): Promise<{ name: string; uuid: string }> {
  const xml = writeXml(
    element('network', {}, [element('name', {}, parkingName), element('bridge', { name: parkingBridge })]),
  );
  try {
    return (await host.lanes.acts.call(networkCreateXml, { xml })).network;
  } catch (error) {
    if (!isRefusal(error, 'NETWORK_EXIST', 'OPERATION_FAILED', 'OPERATION_INVALID')) throw error;
    return (await host.lanes.inventory.call(procedures.networkLookupByName, { name: parkingName })).network;
  }
}

async function move({ host, ref, domain, options }: LiveMachine, nic: XmlElement, network: string): Promise<void> {
  const moved = structuredClone(nic);
  setChild(moved, 'source', element('source', { network }));
  const args = { domain: ref, xml: writeXml(moved), flags: affect.live };
  await host.gate.call(domain.uuid, procedures.domainUpdateDeviceFlags, args, options?.timeoutMs);
}

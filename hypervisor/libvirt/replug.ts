import type { HostConnection } from './host-connection.ts';
import type { LiveMachine } from './machine-devices.ts';
import { parkingName, withParking } from './parking.ts';
import { affect } from './wire/flags.ts';
import { procedures } from './wire/procedures.ts';
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

/** Counted before and after the guests are: one that starts or ends in between makes no NIC look lost. */
async function hasLostNics(host: HostConnection, networkName: string): Promise<boolean> {
  const before = await countConnections(host, networkName);
  const machines = await host.inventory.sight(undefined);
  const expected = machines.flatMap(({ live }) => live?.nics ?? []).filter((it) => it.networkUid === networkName);
  return before < expected.length && (await countConnections(host, networkName)) < expected.length;
}

async function countConnections(host: HostConnection, networkName: string): Promise<number> {
  const { network } = await host.lanes.inventory.call(procedures.networkLookupByName, { name: networkName });
  const { xml } = await host.lanes.inventory.call(procedures.networkGetXmlDesc, { network, flags: 0 });
  return parseNetwork(readXml(xml)).connections;
}

async function move({ host, ref, domain, options }: LiveMachine, nic: XmlElement, network: string): Promise<void> {
  const moved = structuredClone(nic);
  setChild(moved, 'source', element('source', { network }));
  const args = { domain: ref, xml: writeXml(moved), flags: affect.live };
  await host.gate.call(domain.uuid, procedures.domainUpdateDeviceFlags, args, options?.timeoutMs);
}

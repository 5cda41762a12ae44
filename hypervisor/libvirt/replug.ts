import type { HostConnection } from './host-connection.ts';
import type { LiveMachine } from './machine-devices.ts';
import { portsOf } from './networks.ts';
import { parkingName, withParking } from './parking.ts';
import { affect } from './wire/flags.ts';
import { procedures } from './wire/procedures.ts';
import { descend, element, setChild, type XmlElement } from './xml/tree.ts';
import { writeXml } from './xml/write.ts';

/**
 * Plugs a running guest's NIC into its network again. A network that was stopped and started has a new bridge, and the guest's
 * end still hangs in the air. libvirt plugs a NIC in only when its network changes, so it is sent to an empty network and
 * back; the guest sees its NIC all along. Does nothing while the network has the port that the NIC was plugged into.
 */
export async function replugNic(machine: LiveMachine, nic: XmlElement, wished: string): Promise<void> {
  const { host } = machine;
  const { network: home, portid: port } = descend(nic, 'source')?.attributes ?? {};
  // Whoever parked it was killed before it was sent home.
  if (home === parkingName) return withParking(host, () => move(machine, nic, wished));
  if (home === undefined || port === undefined || !(await hasLost(host, home, port))) return;
  await withParking(host, async () => {
    await move(machine, nic, parkingName);
    await move(machine, nic, home);
  });
}

async function hasLost(host: HostConnection, networkName: string, port: string): Promise<boolean> {
  const { network } = await host.lanes.inventory.call(procedures.networkLookupByName, { name: networkName });
  const ports = await portsOf(host, network);
  return ports !== null && !ports.includes(port);
}

async function move({ host, ref, domain, options }: LiveMachine, nic: XmlElement, network: string): Promise<void> {
  const moved = structuredClone(nic);
  setChild(moved, 'source', element('source', { network }));
  const args = { domain: ref, xml: writeXml(moved), flags: affect.live };
  await host.gate.call(domain.uuid, procedures.domainUpdateDeviceFlags, args, options?.timeoutMs);
}

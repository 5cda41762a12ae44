import { attempt, isRefusal, unlessRefused } from './errors.ts';
import type { HostConnection } from './host-connection.ts';
import { remote } from './wire/procedures/define.ts';
import { procedures } from './wire/procedures.ts';
import { type NetworkRef, networkRef } from './wire/refs.ts';
import { string, struct } from './wire/xdr.ts';
import { parseNetwork } from './xml/network.ts';
import { readXml } from './xml/read.ts';
import { element } from './xml/tree.ts';
import { writeXml } from './xml/write.ts';

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

/** Works while there is a parking network: made for it, and gone after it. */
export async function withParking(host: HostConnection, work: () => Promise<void>): Promise<void> {
  const before = parking.get(host) ?? Promise.resolve();
  const mine = before.then(async () => {
    const network = await openParking(host);
    try {
      await work();
    } finally {
      await host.lanes.acts.call(procedures.networkDestroy, { network });
    }
  });
  mine.catch(() => askForLooks(host));
  const turn = mine
    .catch(() => undefined)
    .then(() => {
      if (parking.get(host) === turn) parking.delete(host);
    });
  parking.set(host, turn);
  await mine;
}

async function openParking(host: HostConnection): Promise<NetworkRef> {
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

/** Whatever has failed: the next look at the host's networks finds what was left. */
function askForLooks(host: HostConnection): void {
  for (const listener of [...host.hints]) listener({ noun: 'network', uid: null });
}

/**
 * Ends a parking network that somebody left behind: killed, or cut off from libvirtd, while it was used. A NIC that still stands in
 * it keeps it until its machine is looked at, which brings the NIC home. What fails is tried again at the next look.
 */
export async function endLeftParking(host: HostConnection): Promise<void> {
  if (parking.has(host)) return;
  await attempt(undefined, async () => {
    const { inventory, acts } = host.lanes;
    const lookup = inventory.call(procedures.networkLookupByName, { name: parkingName });
    const found = await unlessRefused(lookup, ['NO_NETWORK'], null);
    if (found === null || parking.has(host)) return;
    const { xml } = await inventory.call(procedures.networkGetXmlDesc, { network: found.network, flags: 0 });
    if (parseNetwork(readXml(xml)).connections > 0 || parking.has(host)) return;
    await acts.call(procedures.networkDestroy, { network: found.network });
  });
}

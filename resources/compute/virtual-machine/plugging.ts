import type { JsonObject } from '../../../reconciler/json.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import type { MachineState } from './observe.ts';
import type { MachineInput } from './plan.ts';
import type { MachineWish } from './spec.ts';
import type { MachineStatus } from './status.ts';

/**
 * A network that was stopped and started has a new bridge, which knows nothing of the guests that ran on. A network counts its starts in
 * its status, a machine notes the start that each of its NICs was plugged in at. Plugging in again is fulfilled like a request, since only
 * an act that succeeded may count.
 */
type MachineObject = StoredObject<MachineWish, MachineStatus>;

/** A NIC that hangs in the air is unplugged for so long at most; one that libvirt miscounts is plugged in again so often at most. */
const BELIEVE_AGAIN_MS = 600_000;

interface Nic {
  name: string;
  mac: string;
  network: string;
}

/**
 * MACs of NICs whose network was started again while the guest ran on. A network that was stopped and started between two looks only
 * says that nobody is plugged in at all. That is believed now and then: libvirt miscounts after a guest did not let go of a NIC that it
 * was asked for.
 */
export function unpluggedNics(input: MachineInput, { machine, networks }: MachineState): Set<string> {
  const { object, refs, claims } = input;
  const runId = machine?.runId ?? null;
  const found = new Set<string>();
  for (const nic of object.status.nics ?? []) {
    const network = networks[nic.network];
    const at = pluggedAt(object, { nic, runId });
    if (at === null || !network?.active) continue;
    const before = pluggedIn(object, nic);
    const again = at < startsOf(refs, { networkUid: nic.network, host: claims?.chosen.host });
    // The clock is read last, where it matters: whoever reads it is worked out anew at every look.
    const isBelieved = () => before.runId !== runId || input.now >= before.at + BELIEVE_AGAIN_MS;
    if (again || (network.connections === 0 && isBelieved())) found.add(nic.mac);
  }
  return found;
}

/** The start of its network that a NIC of this run was plugged in at; null while that is not known. */
export function pluggedAt(object: MachineObject, { nic, runId }: { nic: Nic; runId: string | null }): number | null {
  const { status } = object;
  const known = status.nics?.find(({ mac, network }) => mac === nic.mac && network === nic.network);
  if (runId === null || status.runId !== runId || !known || known.plugged === null) return null;
  const again = pluggedIn(object, nic);
  return again.runId === runId ? Math.max(known.plugged, again.start) : known.plugged;
}

/** When it was plugged in again last: in which run of the guest, at which start of the network, and at which time. */
function pluggedIn({ status }: MachineObject, { name }: Nic): { runId: string | undefined; start: number; at: number } {
  const [runId, start, at] = status.requests[plugRequest(name)]?.split('/') ?? [];
  return { runId, start: Number(start ?? 0), at: Number(at ?? 0) };
}

export function plugRequest(nic: string): string {
  return `plug/${nic}`;
}

/** How often a network was started on a host, as its own status says; 0 while that is not known. */
export function startsOf(refs: MachineInput['refs'], at: { networkUid: string; host: string | undefined }): number {
  const network = refs.all().find(({ object }) => object?.metadata.uid === at.networkUid)?.object;
  const hosts = network?.status.hosts;
  if (!Array.isArray(hosts)) return 0;
  const segment = (hosts as JsonObject[]).find(({ uid }) => uid === at.host);
  return typeof segment?.starts === 'number' ? segment.starts : 0;
}

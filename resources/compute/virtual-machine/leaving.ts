import type { AddressReservation } from '../../../hypervisor/port.ts';
import type { Claims, UniqueClaim } from '../../../reconciler/claims.ts';
import type { MachineStatus } from './status.ts';

/**
 * Addresses and files that a machine no longer wants stay its own until they were seen gone: an address that is still reserved in a
 * network, or a file that is still in a pool, belongs to nobody else. `status.gone` lists what was seen gone.
 */
const LEAVING = 'leaving/';

export interface LeavingAddress {
  kind: 'ip' | 'name';
  networkUid: string;
  mac: string;
  /** The address, or the name. */
  value: string;
}

/** The claims that are held and no longer wanted, minus those that were seen gone. */
export function leavingClaims(input: {
  held: Claims | null;
  wanted: readonly UniqueClaim[];
  status: Pick<MachineStatus, 'gone'>;
}): UniqueClaim[] {
  const { held, wanted, status } = input;
  const same = (a: UniqueClaim, b: UniqueClaim) => a.pool === b.pool && a.value === b.value;
  return (held?.unique ?? [])
    .filter((claim) => !wanted.some((other) => same(claim, other)))
    .map((claim) => ({ ...claim, slot: leavingSlot(claim, held?.unique ?? []) }))
    .filter(({ slot }) => !isGone(slot, status));
}

function leavingSlot(claim: UniqueClaim, all: readonly UniqueClaim[]): string {
  const [head, nic, what] = claim.slot.split('/');
  if (head !== 'nic') return claim.slot;
  if (what === 'mac') return `${LEAVING}mac/${claim.value}`;
  const mac = all.find(({ slot }) => slot === `nic/${nic}/mac`)?.value ?? '';
  const [kind, networkUid] = claim.pool.split('/');
  return `${LEAVING}${kind}/${networkUid}/${mac}/${claim.value}`;
}

/** Whether this slot's thing was seen gone. Only what is not wanted is ever listed as gone. */
export function isGone(slot: string, status: Pick<MachineStatus, 'gone'>): boolean {
  return status.gone?.includes(slot) === true;
}

/** Addresses and names in networks that are to be taken back. */
export function leavingAddresses(claims: Claims | null): (LeavingAddress & { slot: string })[] {
  return (claims?.unique ?? []).flatMap(({ slot }) => {
    const [head, kind, networkUid, mac, value] = slot.split('/');
    if (`${head}/` !== LEAVING || (kind !== 'ip' && kind !== 'name')) return [];
    if (networkUid === undefined || mac === undefined || value === undefined) return [];
    return [{ slot, kind, networkUid, mac, value }];
  });
}

/** Whether a reservation is what is to be taken back. */
export function isLeaving({ kind, mac, value }: LeavingAddress, found: AddressReservation): boolean {
  return found.mac === mac && (kind === 'ip' ? found.ip : found.hostname) === value;
}

export function leavingMacs(claims: Claims | null): { slot: string; mac: string }[] {
  return (claims?.unique ?? [])
    .filter(({ slot }) => slot.startsWith(`${LEAVING}mac/`))
    .map(({ slot, value }) => ({ slot, mac: value }));
}

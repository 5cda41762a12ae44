import type { Claims, UniqueClaim } from '../../../reconciler/claims.ts';
import type { MachineStatus } from './status.ts';

/**
 * Addresses and files that a machine no longer wants stay its own until they were seen gone: an address that is still reserved in a
 * network, or a file that is still in a pool, belongs to nobody else. `status.gone` lists what was seen gone.
 */
const LEAVING = 'leaving/';

export interface LeavingAddress {
  networkUid: string;
  mac: string;
  ip: string;
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
  return `${LEAVING}ip/${claim.pool.slice('ip/'.length)}/${mac}/${claim.value}`;
}

/** Whether this slot's thing was seen gone. Only what is not wanted is ever listed as gone. */
export function isGone(slot: string, status: Pick<MachineStatus, 'gone'>): boolean {
  return status.gone?.includes(slot) === true;
}

/** Reservations that are to be taken back. */
export function leavingAddresses(claims: Claims | null): (LeavingAddress & { slot: string })[] {
  return (claims?.unique ?? []).flatMap(({ slot }) => {
    const [head, kind, networkUid, mac, ip] = slot.split('/');
    if (`${head}/` !== LEAVING || kind !== 'ip' || networkUid === undefined || mac === undefined || ip === undefined)
      return [];
    return [{ slot, networkUid, mac, ip }];
  });
}

export function leavingMacs(claims: Claims | null): { slot: string; mac: string }[] {
  return (claims?.unique ?? [])
    .filter(({ slot }) => slot.startsWith(`${LEAVING}mac/`))
    .map(({ slot, value }) => ({ slot, mac: value }));
}

import { isIP } from 'node:net';
import { looksPersonal, type PersonalSeal } from '../../reconciler/personal.ts';

/** Where a request came from, as its audit rows keep it: an address on the network is a person's. */
export function sealedFrom(seal: PersonalSeal, { from, requestId }: { from: string; requestId: string }): string {
  return isIP(from) === 0 ? from : seal.seal(from, placeOf(requestId));
}

/** What cannot be opened stays sealed. */
export function openFrom(seal: PersonalSeal, { from, requestId }: { from: string; requestId: string }): string {
  return (looksPersonal(from) ? seal.open(from, placeOf(requestId)) : null) ?? from;
}

function placeOf(requestId: string): string {
  return `audit:from:${requestId}`;
}

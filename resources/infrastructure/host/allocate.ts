import type { Allocation, Claims, World } from '../../../reconciler/claims.ts';
import { NO_CLAIMS } from '../../../reconciler/claims.ts';
import type { Subject } from '../../../reconciler/kind.ts';
import type { HostSpec, HostStatus } from './kind.ts';

type HostSubject = Subject<HostSpec, HostStatus>;

const SLOT = 'machine';

/**
 * A host has the machine that it says it is for itself: URIs of many forms reach one machine, and a clone says what it was copied from. The
 * first that asks gets it, under the store's constraint; another one keeps the name of that host.
 */
export function allocateHost({ object, world }: HostSubject & { world: World }): Allocation {
  const { uuid } = object.status;
  if (uuid === undefined) return { claims: NO_CLAIMS };
  const others = (world.objects.Host ?? []).filter(({ metadata }) => metadata.uid !== object.metadata.uid);
  const twin = others.find(({ status }) => status.allocated[SLOT] === uuid);
  if (twin) return { claims: { ...NO_CLAIMS, chosen: { twinOf: twin.metadata.name } } };
  return { claims: { ...NO_CLAIMS, unique: [{ pool: SLOT, value: uuid, slot: SLOT }] } };
}

/** A twin asks again each time: the other one may have gone, or have been given a name of its own. */
export function fitsHost({ object, held }: HostSubject & { held: Claims }): boolean {
  return twinOf(held) === undefined && machineOf(held) === (object.status.uuid ?? null);
}

/** What a host holds; null: none, as one that does not tell. */
export function machineOf(claims: Claims | null): string | null {
  return claims?.unique.find(({ slot }) => slot === SLOT)?.value ?? null;
}

/** Name of the host that has its machine. */
export function twinOf(claims: Claims | null): string | undefined {
  return claims?.chosen.twinOf;
}

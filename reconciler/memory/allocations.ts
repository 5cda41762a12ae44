import type { Binding, CapacityClaim, CapacityRow, Claims } from '../claims.ts';
import { frozen } from './frozen.ts';

/** What objects hold of scarce things: unique values and amounts of capacity. Checked and taken in one go. */
export class Allocations {
  readonly #claims = new Map<string, Claims>();
  readonly #pools = new Map<string, Map<string, string>>();
  readonly #capacity = new Map<string, CapacityRow>();

  of(uid: string): Claims | null {
    return this.#claims.get(uid) ?? null;
  }

  all(): [string, Claims][] {
    return [...this.#claims];
  }

  capacity(): CapacityRow[] {
    return [...this.#capacity.values()].sort((a, b) => compare(a.place, b.place) || compare(a.resource, b.resource));
  }

  taken(pool: string): ReadonlySet<string> {
    return new Set(this.#pools.get(pool)?.keys());
  }

  setLimit(row: { place: string; resource: string; limit: number }): void {
    const { place, resource, limit } = row;
    const used = this.#capacity.get(capacityKey(row))?.used ?? 0;
    this.#capacity.set(capacityKey(row), frozen({ place, resource, limit, used }));
  }

  /** The pool or capacity that somebody else has taken, or null when `claims` can replace what the object holds. */
  lost(uid: string, claims: Claims): string | null {
    for (const { pool, value } of claims.unique) {
      const holder = this.#pools.get(pool)?.get(value);
      if (holder !== undefined && holder !== uid) return pool;
    }
    const held = sums(this.#claims.get(uid)?.capacity ?? []);
    for (const wanted of sums(claims.capacity).values()) {
      const more = wanted.amount - (held.get(capacityKey(wanted))?.amount ?? 0);
      const row = this.#capacity.get(capacityKey(wanted));
      if (more > 0 && (row?.used ?? 0) + more > (row?.limit ?? 0)) return `${wanted.resource}/${wanted.place}`;
    }
    return null;
  }

  /** Replaces what the object holds. Call it only when nothing is `lost`. */
  hold(uid: string, claims: Claims | null): void {
    const old = this.#claims.get(uid);
    for (const { pool, value } of old?.unique ?? []) this.#free(pool, value);
    for (const claim of old?.capacity ?? []) this.#use(claim, -claim.amount);
    if (claims === null) {
      this.#claims.delete(uid);
      return;
    }
    for (const { pool, value } of claims.unique) this.#take({ pool, value, uid });
    for (const claim of claims.capacity) this.#use(claim, claim.amount);
    this.#claims.set(uid, frozen(claims));
  }

  #take({ pool, value, uid }: { pool: string; value: string; uid: string }): void {
    const values = this.#pools.get(pool) ?? new Map<string, string>();
    values.set(value, uid);
    this.#pools.set(pool, values);
  }

  #free(pool: string, value: string): void {
    const values = this.#pools.get(pool);
    values?.delete(value);
    if (values?.size === 0) this.#pools.delete(pool);
  }

  #use({ place, resource }: CapacityClaim, amount: number): void {
    const key = capacityKey({ place, resource });
    const row = this.#capacity.get(key) ?? { place, resource, limit: 0, used: 0 };
    this.#capacity.set(key, frozen({ ...row, used: row.used + amount }));
  }
}

/** Where objects may have something: written before any create, deleted only after that place was seen without it. */
export class Bindings {
  readonly #byUid = new Map<string, readonly Binding[]>();

  of(uid: string): Binding[] {
    return [...(this.#byUid.get(uid) ?? [])];
  }

  all(): [string, readonly Binding[]][] {
    return [...this.#byUid];
  }

  at(place: string): string[] {
    return this.all().flatMap(([uid, bindings]) => (bindings.some((b) => b.place === place) ? [uid] : []));
  }

  /** A binding of the same incarnation stays as it is; a new incarnation at a place is intended anew. */
  intend(uid: string, places: readonly string[], incarnation: number): Binding[] {
    const bindings = new Map(this.of(uid).map((binding) => [binding.place, binding]));
    for (const place of places) {
      if (bindings.get(place)?.incarnation === incarnation) continue;
      bindings.set(place, { place, incarnation, externalId: null, state: 'intended' });
    }
    this.set(uid, [...bindings.values()]);
    return this.of(uid);
  }

  confirm(uid: string, confirmed: readonly { place: string; externalId: string | null }[]): void {
    const ids = new Map(confirmed.map(({ place, externalId }) => [place, externalId]));
    this.set(
      uid,
      this.of(uid).map((binding) => {
        if (!ids.has(binding.place)) return binding;
        return { ...binding, state: 'confirmed', externalId: ids.get(binding.place) ?? binding.externalId };
      }),
    );
  }

  unbind(uid: string, places: readonly string[]): void {
    this.set(
      uid,
      this.of(uid).filter((binding) => !places.includes(binding.place)),
    );
  }

  set(uid: string, bindings: readonly Binding[]): void {
    if (bindings.length === 0) this.#byUid.delete(uid);
    else this.#byUid.set(uid, frozen([...bindings].sort((a, b) => compare(a.place, b.place))));
  }
}

function sums(claims: readonly CapacityClaim[]): Map<string, CapacityClaim> {
  const totals = new Map<string, CapacityClaim>();
  for (const claim of claims) {
    const key = capacityKey(claim);
    totals.set(key, { ...claim, amount: claim.amount + (totals.get(key)?.amount ?? 0) });
  }
  return totals;
}

function capacityKey({ place, resource }: { place: string; resource: string }): string {
  return `${place}\n${resource}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

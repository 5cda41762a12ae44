import type { Reason } from './json.ts';
import type { StoredObject } from './object.ts';

/** "This object may have something there." Written before any create, deleted only after that place was observed without it. */
export interface Binding {
  place: string;
  /** Counts replacements: the outside name is `uid` at 0 and `uid.incarnation` after. */
  incarnation: number;
  externalId: string | null;
  state: 'intended' | 'confirmed';
}

/** All that an object holds of scarce things. `store.reserve` makes it so in one transaction, or says what was lost. */
export interface Claims {
  /** Places where it may have something. */
  places: string[];
  /** Values that only one object may hold: `{pool: 'ip/<network uid>', value: '10.1.1.5', slot: 'nic/0/ip'}`. Shown in `status.allocated[slot]`. */
  unique: UniqueClaim[];
  /** Amounts taken from a place's capacity, under `check (used <= limit)`. */
  capacity: CapacityClaim[];
  /** Choices that need no uniqueness, shown in `status.allocated` (e.g. `host`). */
  chosen: Record<string, string>;
  /** Why this place and why not the others; shown by `describe`. */
  explanation?: PlacementNote[];
}

export interface UniqueClaim {
  pool: string;
  value: string;
  slot: string;
}

export interface CapacityClaim {
  place: string;
  /** `cpuMilli`, `memoryMiB`, `storageMiB`, … Integers. */
  resource: string;
  amount: number;
}

export interface PlacementNote {
  place: string;
  name: string;
  /** Null: this is the chosen one, or it was eligible with this score. */
  rejectedBy: Reason | null;
  score: number | null;
  chosen: boolean;
}

export const NO_CLAIMS: Claims = { places: [], unique: [], capacity: [], chosen: {} };

/** What an allocator may look at. A cached snapshot (it may be stale): only the reservation decides. */
export interface World {
  /** Objects of the kinds that were consulted, e.g. hosts and pools. */
  objects: Record<string, StoredObject[]>;
  capacity: CapacityRow[];
  /** Values taken in the pools that were consulted. */
  taken: Record<string, ReadonlySet<string>>;
}

export interface CapacityRow {
  place: string;
  resource: string;
  limit: number;
  used: number;
}

/** Which parts of the world an allocator needs. */
export interface Consultation {
  kinds?: string[];
  pools?: string[];
  capacity?: boolean;
}

export type Allocation = { claims: Claims } | { waiting: Reason; afterMs: number; explanation?: PlacementNote[] };

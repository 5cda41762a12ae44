import { jsonEqual } from './equal.ts';
import type { ResolvedRef } from './kind.ts';
import type { StoredObject } from './object.ts';
import type { Observation } from './observation.ts';
import type { Claim, Loaded, RefLookup } from './store.ts';

/**
 * What a pass read that found nothing to do and wrote nothing. Plans and reports are pure: as long as everything that they are made of is
 * the same, and the clock is not part of it, the next pass has nothing to do either, and need not be worked out again.
 */
export interface QuietPass {
  /** Of the claim that saw it last. */
  epoch: number;
  loaded: Loaded;
  refs: ResolvedRef[];
  /** Everything that was resolved, with what it led to: the references, then children that others own. */
  lookups: readonly RefLookup[];
  observed: Observation | null;
}

export interface QuietPasses {
  /**
   * The last pass of the object, if nobody has held its row since then: what is kept beside it (claims, bindings, levels) is written only
   * under a claim, so that is as it was. The object itself, and all that it refers to, must be compared.
   */
  before(claim: Claim): QuietPass | null;
  keep(uid: string, pass: QuietPass): void;
  forget(uid: string): void;
}

/** Half of them in each of two generations; what was not asked for longest goes first. */
const KEPT_MAX = 16_384;

export function createQuietPasses(max: number = KEPT_MAX): QuietPasses {
  let young = new Map<string, QuietPass>();
  let old = new Map<string, QuietPass>();
  const forget = (uid: string) => {
    young.delete(uid);
    old.delete(uid);
  };
  return {
    before: ({ uid, epoch, takenOverFrom }) => {
      const pass = young.get(uid) ?? old.get(uid);
      return pass && takenOverFrom === null && pass.epoch === epoch - 1 ? pass : null;
    },
    keep: (uid, pass) => {
      forget(uid);
      if (young.size >= max / 2) {
        old = young;
        young = new Map();
      }
      young.set(uid, pass);
    },
    forget,
  };
}

/** The object, its children and what is kept beside it are as they were. */
export function isLoadedAlike(before: Loaded, now: Loaded): boolean {
  if (before === now) return true;
  return (
    isSameVersion(before.object, now.object) &&
    before.children.length === now.children.length &&
    before.children.every((child, index) => isSameVersion(child, now.children[index])) &&
    jsonEqual(before.claims, now.claims) &&
    jsonEqual(before.bindings, now.bindings) &&
    jsonEqual(before.levels, now.levels)
  );
}

/** The references, and whatever else was looked up, lead to what they led to. */
export function isResolvedAlike(lookups: readonly RefLookup[], found: readonly (StoredObject | undefined)[]): boolean {
  return lookups.every(({ known }, index) => isSameVersion(known, found[index]));
}

/** The same is seen at the same places, and the same places are silent. */
export function isSeenAlike(before: Observation | null, now: Observation | null): boolean {
  if (before === null || now === null) return before === now;
  return jsonEqual(before.sightings, now.sightings) && jsonEqual(before.silent, now.silent);
}

function isSameVersion(before: StoredObject | undefined, now: StoredObject | undefined): boolean {
  if (before === undefined || now === undefined) return before === now;
  return (
    before === now ||
    (before.metadata.uid === now.metadata.uid && before.metadata.resourceVersion === now.metadata.resourceVersion)
  );
}

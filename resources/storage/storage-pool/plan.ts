import { type Reason, reason } from '../../../reconciler/json.ts';
import type { PlanInput } from '../../../reconciler/kind.ts';
import type { Sighting } from '../../../reconciler/observation.ts';
import { type Plan, type Step, step } from '../../../reconciler/plan.ts';
import type { StoragePoolSpec, StoragePoolStatus } from './kind.ts';
import type { PoolState } from './observe.ts';

type Input = PlanInput<StoragePoolSpec, StoragePoolStatus, PoolState>;

const RETRY_MS = 10_000;

/** Defined and active on each of its hosts, and on no other. Silent hosts are left alone. */
export function planStoragePool(input: Input): Plan {
  const { observed, claims, deleting } = input;
  if (deleting) return planRemoval(input);
  const wanted = claims?.places ?? [];
  const silent = new Set(observed.silent.map(({ place }) => place));
  const ensure = wanted
    .filter((place) => !silent.has(place))
    .flatMap((place) => ensureStep(input, { place, seen: observed.sightings.find((s) => s.place === place) }));
  const leave = observed.sightings
    .filter(({ place, owned }) => owned && !wanted.includes(place))
    .map(({ place }) => removal(input, place, reason('HostLeft')));
  const steps = [...ensure, ...leave];
  if (steps.length > 0 || wanted.some((place) => !silent.has(place))) return { steps };
  const [first] = observed.silent;
  return first ? { waiting: silence(first), afterMs: RETRY_MS } : { steps };
}

function ensureStep(
  { object }: Input,
  { place, seen }: { place: string; seen: Sighting<PoolState> | undefined },
): Step[] {
  const why = lack(object.spec, seen?.state);
  if (!why) return [];
  const args = { uid: object.metadata.uid, host: place, type: object.spec.type, path: object.spec.path ?? '' };
  return [step('ensure', args, { why, place })];
}

function lack(spec: StoragePoolSpec, seen: PoolState | undefined): Reason | null {
  if (!seen) return reason('PoolMissing');
  if (seen.path !== spec.path) return reason('PathDiffers', { expected: spec.path ?? '', found: seen.path });
  return seen.active ? null : reason('PoolInactive');
}

/** The definition goes only when no volume or snapshot lies in the pool: removing it would hide them. Files are never deleted by this. */
function planRemoval(input: Input): Plan {
  const owned = input.observed.sightings.filter((sighting) => sighting.owned);
  const unknown = owned.filter(({ state }) => state.volumes === null);
  if (unknown.length > 0) {
    return { steps: unknown.flatMap((seen) => ensureStep(input, { place: seen.place, seen })) };
  }
  const held = new Set(owned.flatMap(({ state }) => state.volumes ?? []));
  const [first] = held;
  if (first !== undefined) {
    return { waiting: reason('PoolHoldsVolumes', { count: held.size, first }), afterMs: RETRY_MS };
  }
  return { steps: owned.map(({ place }) => removal(input, place, reason('Deleting'))) };
}

function removal({ object }: Input, place: string, why: Reason): Step {
  return step('remove', { uid: object.metadata.uid, host: place }, { why, place });
}

function silence({ place, code, message }: { place: string; code: string; message?: string }): Reason {
  return reason('PlaceSilent', { place, code: message ?? code });
}

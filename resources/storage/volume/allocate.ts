import type { Allocation, Claims, Consultation, PlacementNote, World } from '../../../reconciler/claims.ts';
import { type Reason, reason } from '../../../reconciler/json.ts';
import type { Subject } from '../../../reconciler/kind.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import { typed } from '../../typed.ts';
import type { DiskOfferingSpec } from '../disk-offering/kind.ts';
import type { ImageSpec, ImageStatus } from '../image/kind.ts';
import { hostsOfPool } from '../pool-hosts.ts';
import { roomIn } from '../pool-room.ts';
import type { StoragePoolSpec, StoragePoolStatus } from '../storage-pool/kind.ts';
import type { VolumeSnapshotSpec, VolumeSnapshotStatus } from '../volume-snapshot/kind.ts';
import type { VolumeSpec, VolumeStatus } from './kind.ts';
import { snapshotFile } from './origin.ts';
import { wishedSize } from './sizing.ts';

type Input = Subject<VolumeSpec, VolumeStatus> & { world: World; held: Claims | null; attempt: number };
type Pool = StoredObject<StoragePoolSpec, StoragePoolStatus>;

const RETRY_MS = 15_000;
const REFUSED_RETRY_MS = 60_000;
const COPY_BONUS = 20;
const LEAST_AVAILABLE_MIB = 256;

export function consultForVolume(): Consultation {
  return { kinds: ['StoragePool'], capacity: true };
}

/**
 * Picks the pool: what it holds already, else what the spec names, else the best of all that pass every filter. Pure; the snapshot may be
 * stale, so a lost race (`attempt`) tries the next best.
 */
export function allocateVolume(input: Input): Allocation {
  const size = wishedSize(input.object, input.refs);
  if ('refused' in size) return { waiting: size.refused, afterMs: REFUSED_RETRY_MS };
  const origin = input.held ? null : snapshotOf(input);
  if (origin && 'waiting' in origin) return { waiting: origin.waiting, afterMs: RETRY_MS };
  const wanted: Wanted = { input, amount: size.sizeGiB * 1024, tags: wantedTags(input) };
  const pools = candidates(input);
  const judged = pools.map((pool) => judge(pool, wanted));
  const eligible = judged.filter((note) => note.rejectedBy === null).sort(better);
  const chosen = eligible[input.attempt % Math.max(1, eligible.length)];
  const explanation = judged.map((note) => ({ ...note, chosen: note === chosen }));
  if (!chosen) return { waiting: refusal(explanation, size.sizeGiB), afterMs: RETRY_MS, explanation };
  const { place, name } = chosen;
  const reach = hostsOfPool(pools.find((pool) => pool.metadata.uid === place))[0] ?? place;
  const capacity = [{ place, resource: 'storageMiB', amount: wanted.amount }];
  const claims = { places: [place], unique: [], capacity, chosen: { pool: name, poolUid: place, reach }, explanation };
  return { claims };
}

function snapshotOf({ object, refs }: Input) {
  const { snapshot } = object.spec;
  return snapshot === undefined ? null : snapshotFile(refs, snapshot);
}

interface Wanted {
  input: Input;
  amount: number;
  tags: readonly string[];
}

function wantedTags({ object, refs }: Input): string[] {
  const offering = typed<DiskOfferingSpec, object>(refs.at('/offering'))?.spec;
  return [...new Set([...object.spec.tags, ...(offering?.tags ?? [])])];
}

function candidates({ object, refs, world, held }: Input): Pool[] {
  const pools = (world.objects.StoragePool ?? []) as unknown as Pool[];
  const fixed = held?.places[0] ?? (object.spec.pool === undefined ? undefined : refs.at('/pool')?.metadata.uid);
  if (fixed === undefined && object.spec.pool === undefined) return [...pools].sort(byName);
  return pools.filter((pool) => pool.metadata.uid === fixed);
}

function judge(pool: Pool, wanted: Wanted): PlacementNote {
  const { uid: place, name } = pool.metadata;
  const rejectedBy = rejection(pool, wanted);
  return { place, name, rejectedBy, score: rejectedBy ? null : score(place, wanted), chosen: false };
}

/** A volume that lies somewhere stays there, also when nothing new may come: only space can refuse it more. */
const STAYS: readonly ((pool: Pool, wanted: Wanted) => Reason | null)[] = [lacksSpace];
const COMES: readonly ((pool: Pool, wanted: Wanted) => Reason | null)[] = [
  goesAway,
  isDisabled,
  liesElsewhere,
  isNotActive,
  lacksTags,
  lacksSpace,
  lacksBytes,
];

function rejection(pool: Pool, wanted: Wanted): Reason | null {
  const filters = wanted.input.held ? STAYS : COMES;
  for (const filter of filters) {
    const why = filter(pool, wanted);
    if (why) return why;
  }
  return null;
}

function goesAway({ metadata }: Pool): Reason | null {
  return metadata.deletedAt === null ? null : reason('PoolDeleting', { pool: metadata.name });
}

function isDisabled({ metadata, spec }: Pool): Reason | null {
  return spec.allocation === 'Enabled' ? null : reason('PoolDisabled', { pool: metadata.name });
}

/** A copy is made within a pool, so a volume goes where its snapshot is. */
function liesElsewhere({ metadata }: Pool, { input }: Wanted): Reason | null {
  const snapshot = typed<VolumeSnapshotSpec, VolumeSnapshotStatus>(input.refs.at('/snapshot'));
  if (!snapshot || snapshot.status.poolUid === metadata.uid) return null;
  const snapshotPool = snapshot.status.pool ?? '';
  return reason('SnapshotElsewhere', { snapshot: snapshot.metadata.name, snapshotPool });
}

function isNotActive({ metadata, status }: Pool): Reason | null {
  const active = (status.hosts ?? []).some(({ state }) => state === 'Active');
  return active ? null : reason('PoolNotActive', { pool: metadata.name });
}

function lacksTags({ metadata, spec }: Pool, { tags }: Wanted): Reason | null {
  const missing = tags.filter((tag) => !spec.tags.includes(tag));
  return missing.length === 0 ? null : reason('TagsMissing', { pool: metadata.name, tags: missing.join(', ') });
}

function lacksSpace({ metadata }: Pool, wanted: Wanted): Reason | null {
  const room = roomIn(wanted.input.world, { place: metadata.uid, held: wanted.input.held });
  if (room && room.free >= wanted.amount) return null;
  const freeGiB = Math.max(0, Math.floor((room?.free ?? 0) / 1024));
  return reason('PoolFull', { pool: metadata.name, neededGiB: wanted.amount / 1024, freeGiB });
}

/** Volumes are thin, so a pool may have room to promise when it has none left to write to. */
function lacksBytes({ metadata, status }: Pool): Reason | null {
  const { availableMiB } = status;
  if (availableMiB === undefined || availableMiB >= LEAST_AVAILABLE_MIB) return null;
  return reason('PoolNearlyFull', { pool: metadata.name, availableMiB });
}

/** Free percent after it is placed, plus a bonus where its image lies already. */
function score(place: string, wanted: Wanted): number {
  const room = roomIn(wanted.input.world, { place, held: wanted.input.held });
  const free = room ? Math.floor(((room.free - wanted.amount) * 100) / Math.max(1, room.limit)) : 0;
  const image = typed<ImageSpec, ImageStatus>(wanted.input.refs.at('/image'));
  const copied = image?.status.copies?.some((copy) => copy.poolUid === place && copy.ready) ?? false;
  return free + (copied ? COPY_BONUS : 0);
}

function better(a: PlacementNote, b: PlacementNote): number {
  return (b.score ?? 0) - (a.score ?? 0) || (a.name < b.name ? -1 : 1);
}

function byName(a: Pool, b: Pool): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

/** With one candidate its own reason says most. */
function refusal(notes: readonly PlacementNote[], sizeGiB: number): Reason {
  const [only, second] = notes;
  if (only?.rejectedBy && !second) return only.rejectedBy;
  return reason('NoPool', { sizeGiB, pools: notes.length });
}

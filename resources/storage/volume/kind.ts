import { z } from 'zod';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import type { Observation } from '../../../reconciler/observation.ts';
import { PORT_MESSAGES } from '../../act-result.ts';
import { expelFile } from '../../expel.ts';
import { cell, tags } from '../../schema.ts';
import { fileInventory } from '../file-inventory.ts';
import { volumeUidOf } from '../names.ts';
import { volumeActs } from './acts.ts';
import { allocateVolume, consultForVolume } from './allocate.ts';
import { volumeAmounts } from './amounts.ts';
import { checkVolume } from './check.ts';
import { observeVolume, type VolumeState } from './observe.ts';
import { planVolume } from './plan.ts';
import { reportVolume } from './report.ts';
import { GIB } from './sizing.ts';

const spec = z.object({
  sizeGiB: z
    .int()
    .min(1)
    .max(65_536)
    .optional()
    .meta({ update: 'live' })
    .describe("Size; may only grow. Without it: the offering's, else what the image or the snapshot needs, else 10."),
  offering: ref('DiskOffering').optional().meta({ update: 'immutable' }).describe('Kind of disk.'),
  image: ref('Image').optional().meta({ update: 'immutable' }).describe('Template it starts as a copy of.'),
  snapshot: ref('VolumeSnapshot')
    .optional()
    .meta({ update: 'immutable', holds: 'untilReady' })
    .describe(
      'Snapshot it starts as a copy of, in the pool of that one; which may be deleted once the volume is there.',
    ),
  pool: ref('StoragePool')
    .optional()
    .meta({ update: 'immutable', group: 'Placement' })
    .describe('Pool that holds the bytes. Without it one is chosen.'),
  tags: tags().meta({ update: 'immutable' }).describe("Tags that a pool must have, beside the offering's."),
  format: z.enum(['qcow2', 'raw']).default('qcow2').meta({ update: 'immutable' }).describe('On-disk format.'),
});

const status = z.object({
  pool: z.string().optional().describe('Name of the pool that holds it.'),
  poolUid: z.string().optional(),
  file: z.string().optional().describe('Name of the file in the pool.'),
  hosts: z.array(z.string()).optional().describe('Uids of the hosts that reach it.'),
  sizeGiB: z.int().optional().describe('Size it has.'),
  allocatedGiB: z.int().optional().describe('Really taken on disk, rounded up.'),
  format: z.enum(['qcow2', 'raw']).optional(),
  iops: z.int().nullable().optional(),
  cache: z.enum(['none', 'writeback', 'writethrough']).nullable().optional(),
  provisioned: z.boolean().optional().describe('It was there once; from then on a missing file is lost data.'),
  attachedTo: z
    .object({ machineUid: z.string(), disk: z.string(), host: z.string(), running: z.boolean() })
    .nullable()
    .optional(),
});

export type VolumeSpec = z.output<typeof spec>;
export type VolumeStatus = z.output<typeof status>;

/** A disk that outlives machines: empty, or a copy of a template. */
export const Volume = defineKind({
  kind: 'Volume',
  plural: 'volumes',
  group: 'storage',
  scope: 'project',
  shortNames: ['vol'],
  description:
    'A disk: empty or a copy of an image or a snapshot, in a pool. May grow, also while a machine runs on it.',
  spec,
  status,
  conditions: ['Provisioned', 'Sized'],
  amounts: volumeAmounts,
  columns: [
    { header: 'SIZE GIB', value: (volume) => cell(volume.status.sizeGiB) ?? cell(volume.spec.sizeGiB) },
    { header: 'POOL', value: (volume) => cell(volume.status.pool) ?? cell(volume.spec.pool) },
    { header: 'IMAGE', value: (volume) => cell(volume.spec.image) },
    { header: 'SNAPSHOT', wide: true, value: (volume) => cell(volume.spec.snapshot) },
    { header: 'OFFERING', wide: true, value: (volume) => cell(volume.spec.offering) },
    { header: 'FILE', wide: true, value: (volume) => cell(volume.status.file) },
  ],
  requests: { recreate: 'Makes a volume anew whose data was lost, empty or from its image or snapshot.' },
  messages: {
    ...PORT_MESSAGES,
    VolumeThere: 'The file is in the pool.',
    VolumeMissing: 'There is no such file in the pool yet.',
    DataLost:
      'The file of "{name}" is gone from pool {pool}, and the data with it. Bring it back, or have it made anew with the request "recreate".',
    SizeFits: 'It has {sizeGiB} GiB.',
    TooSmall: 'It has {fromGiB} GiB, wished are {toGiB} GiB.',
    StillAttached:
      'Machine {machineUid} still has it as disk {disk} on host {host}; it is removed as soon as that lets go.',
    ImageCopyPending: 'The copy of image {image} in pool {pool} is not ready yet ({why}).',
    ImageGone: 'Its image {image} does not exist any more.',
    ImageIsIso: 'Image {image} is an ISO: attach it to a machine, or start the volume from a template.',
    SizeIsFixed: 'The offering has a fixed size of {fixedGiB} GiB, wished are {sizeGiB}: leave sizeGiB out.',
    SizeNotOffered: 'The offering allows {minGiB} to {maxGiB} GiB, wished are {sizeGiB}.',
    SmallerThanImage: 'The image needs a disk of {imageGiB} GiB, wished are {sizeGiB}.',
    SnapshotGone: 'Its snapshot {snapshot} does not exist any more.',
    SnapshotPending: 'Snapshot {snapshot} is not there yet ({why}).',
    SnapshotElsewhere: 'Snapshot {snapshot} lies in pool {snapshotPool}: a volume of it does, too.',
    SmallerThanSnapshot: 'The snapshot holds a disk of {snapshotGiB} GiB, wished are {sizeGiB}.',
    NoPool: 'None of {pools} pools can take {sizeGiB} GiB; status.placement says why.',
    PoolDeleting: 'Pool {pool} is being deleted.',
    PoolDisabled: 'Pool {pool} takes nothing new (allocation: Disabled).',
    PoolNotActive: 'Pool {pool} is not active on any host.',
    TagsMissing: 'Pool {pool} lacks {tags}.',
    PoolNearlyFull: 'Pool {pool} has only {availableMiB} MiB left on disk.',
    PoolFull: 'Pool {pool} has {freeGiB} GiB left to promise, {neededGiB} are needed.',
  },
  meters: [
    {
      meter: 'volume.gib',
      level: ({ observed }) => metered(observed),
      attributes: ({ object }) => ({
        offering: object.spec.offering ?? '',
        pool: object.status.pool ?? '',
        // Disks that a machine made for itself can have another price than those that outlive machines.
        role: object.metadata.ownerUid === null ? 'data' : 'machine',
      }),
    },
  ],
  check: checkVolume,
  consult: consultForVolume,
  allocate: allocateVolume,
  pinnedSlots: ['poolUid'],
  observe: observeVolume,
  plan: planVolume,
  acts: volumeActs,
  report: reportVolume,
  locality: ({ claims, object }) => claims?.chosen.reach ?? object.metadata.uid,
  inventory: (ports, poolUid) => fileInventory(ports, poolUid, volumeUidOf),
  expel: expelFile,
  example: {
    apiVersion: 'steward/v1',
    kind: 'Volume',
    metadata: { name: 'web-root', project: 'default' },
    spec: { sizeGiB: 20, image: 'debian-13', pool: 'main' },
  },
});

/** GiB of a volume that is there, whole; unknown while the pool is silent. */
function metered({ sightings, silent }: Observation<VolumeState>): number | null {
  const [seen] = sightings;
  if (seen) return seen.state.whole ? Math.ceil(seen.state.capacityBytes / GIB) : 0;
  return silent.length > 0 ? null : 0;
}

import { z } from 'zod';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import type { Observation } from '../../../reconciler/observation.ts';
import { PORT_MESSAGES } from '../../act-result.ts';
import { expelFile } from '../../expel.ts';
import { cell } from '../../schema.ts';
import { fileInventory } from '../file-inventory.ts';
import { snapshotUidOf } from '../names.ts';
import { volumeSnapshotActs } from './acts.ts';
import { allocateVolumeSnapshot, fitsVolumeSnapshot } from './allocate.ts';
import { observeVolumeSnapshot, type SnapshotState } from './observe.ts';
import { planVolumeSnapshot } from './plan.ts';
import { reportVolumeSnapshot } from './report.ts';

const spec = z.object({
  volume: ref('Volume')
    .meta({ update: 'immutable', holds: 'untilReady' })
    .describe('Volume that is copied. It may be deleted once the snapshot is there.'),
});

const status = z.object({
  pool: z.string().optional().describe("Name of the pool that holds it: the volume's."),
  poolUid: z.string().optional(),
  file: z.string().optional().describe('Name of the file in the pool.'),
  sizeGiB: z.int().optional().describe('Size of the disk in it: a volume made of it has at least as much.'),
  allocatedGiB: z.int().optional().describe('Really taken on disk, rounded up.'),
  takenAt: z.iso
    .datetime()
    .optional()
    .describe('When the copy was seen to be whole. It holds what the volume held at one instant before that.'),
});

export type VolumeSnapshotSpec = z.output<typeof spec>;
export type VolumeSnapshotStatus = z.output<typeof status>;

type MeterInput = {
  object: StoredObject<VolumeSnapshotSpec, VolumeSnapshotStatus>;
  observed: Observation<SnapshotState>;
};

/** What a volume held at one instant: a copy that stands for itself, so that nothing that becomes of the volume can break it. */
export const VolumeSnapshot = defineKind({
  kind: 'VolumeSnapshot',
  plural: 'volumeSnapshots',
  group: 'storage',
  scope: 'project',
  shortNames: ['snap'],
  description:
    'What a volume held at one instant, as after a power failure: a full copy in the same pool, made also while a machine runs on it. New volumes are made of it.',
  spec,
  status,
  conditions: ['Taken'],
  amounts: () => ({ snapshots: 1 }),
  columns: [
    { header: 'VOLUME', value: (snapshot) => cell(snapshot.spec.volume) },
    { header: 'SIZE GIB', value: (snapshot) => cell(snapshot.status.sizeGiB) },
    { header: 'TAKEN AT', value: (snapshot) => cell(snapshot.status.takenAt) },
    { header: 'POOL', wide: true, value: (snapshot) => cell(snapshot.status.pool) },
    { header: 'FILE', wide: true, value: (snapshot) => cell(snapshot.status.file) },
  ],
  messages: {
    ...PORT_MESSAGES,
    SnapshotThere: 'The copy is in the pool, whole: what the disk held at one instant, as after a power failure.',
    SnapshotMissing: 'The pool does not have the copy yet.',
    SnapshotLost:
      'The file of "{name}" is gone from pool {pool}, and what it held with it: the volume holds something else by now. Bring the file back, or delete the snapshot.',
    WaitingForStop:
      'Machine {machineUid} runs on the volume, and its hypervisor cannot copy a disk in use: stop the machine or detach the disk, and the snapshot is taken.',
    VolumeNotThere: 'Volume {volume}, which is to be copied, is not there.',
    PoolDisabled: 'Pool {pool} takes nothing new (allocation: Disabled).',
    PoolFull: 'Pool {pool} has {freeGiB} GiB left to promise, {neededGiB} are needed.',
  },
  meters: [
    {
      meter: 'snapshot.gib',
      level: takenGiB,
      attributes: ({ object }) => ({ volume: object.spec.volume, pool: object.status.pool ?? '' }),
    },
  ],
  consult: () => ({ kinds: ['StoragePool'], capacity: true }),
  allocate: allocateVolumeSnapshot,
  fits: fitsVolumeSnapshot,
  pinnedSlots: ['poolUid'],
  observe: observeVolumeSnapshot,
  plan: planVolumeSnapshot,
  acts: volumeSnapshotActs,
  report: reportVolumeSnapshot,
  locality: ({ claims, object }) => claims?.chosen.reach ?? object.metadata.uid,
  inventory: (ports, poolUid) => fileInventory(ports, poolUid, snapshotUidOf),
  expel: expelFile,
  example: {
    apiVersion: 'steward/v1',
    kind: 'VolumeSnapshot',
    metadata: { name: 'web-root-before-upgrade', project: 'default' },
    spec: { volume: 'web-root' },
  },
});

/** GiB that a whole copy really takes; unknown while the pool is silent. */
function takenGiB({ observed }: MeterInput): number | null {
  const [seen] = observed.sightings;
  if (seen) return seen.state.whole ? seen.state.allocatedGiB : 0;
  return observed.silent.length > 0 ? null : 0;
}

import { z } from 'zod';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import type { Observation } from '../../../reconciler/observation.ts';
import { PORT_MESSAGES } from '../../act-result.ts';
import { expelFile } from '../../expel.ts';
import { cell } from '../../schema.ts';
import { fileInventory } from '../file-inventory.ts';
import { imageUidOf } from '../names.ts';
import { imageCopyActs } from './acts.ts';
import { allocateImageCopy } from './allocate.ts';
import { type CopyState, observeImageCopy } from './observe.ts';
import { planImageCopy } from './plan.ts';
import { reportImageCopy } from './report.ts';

const spec = z.object({
  image: ref('Image').meta({ update: 'immutable' }).describe('Image that is copied.'),
  pool: ref('StoragePool').meta({ update: 'immutable' }).describe('Pool that gets the copy.'),
});

const status = z.object({
  poolUid: z.string().optional(),
  file: z.string().optional().describe('Name of the file in the pool.'),
  bytes: z.int().optional().describe('Size of the disk in it.'),
});

export type ImageCopySpec = z.output<typeof spec>;
export type ImageCopyStatus = z.output<typeof status>;

const GIB = 2 ** 30;

type MeterInput = { object: StoredObject<ImageCopySpec, ImageCopyStatus>; observed: Observation<CopyState> };

/** One pool's copy of an image. Made by whoever needs it there, owned by the image, and gone with it. */
export const ImageCopy = defineKind({
  kind: 'ImageCopy',
  plural: 'imageCopies',
  group: 'storage',
  scope: 'project',
  shortNames: ['imgcopy'],
  description:
    "A pool's copy of an image. Made when something in the pool needs it; there is no need to write one. One that is deleted to make room is made again when it is needed again.",
  spec,
  status,
  conditions: ['Copied'],
  columns: [
    { header: 'IMAGE', value: (copy) => cell(copy.spec.image) },
    { header: 'POOL', value: (copy) => cell(copy.spec.pool) },
    { header: 'FILE', wide: true, value: (copy) => cell(copy.status.file) },
  ],
  messages: {
    ...PORT_MESSAGES,
    CopyThere: 'The copy is in the pool, whole.',
    CopyMissing: 'The pool does not have the copy yet.',
    CopyAttached: 'Machine {machineUid} still has it in a drive; it is removed as soon as that lets go.',
    ChecksumMismatch:
      'The bytes are not the expected ones: expected {expected}, found {found}. Correct the image, or ask again with the request "retry".',
    ContentCut: 'The source broke off: expected {expected} bytes, found {found}.',
    SourceUnavailable: 'The source cannot be read now: {message}',
    SourceRefused: 'The source cannot be used: {message}',
    SourceRuns: 'Machine {machineUid} runs on the volume that the image is made of: stop it, and the copy is made.',
    NoCopyYet: 'Image {image} has no copy yet that this one could be made from.',
    ImageOrPoolGone: 'Its image or its pool does not exist any more.',
    PoolFullForCopy: 'Pool {pool} has {freeMiB} MiB left to promise, {neededMiB} are needed.',
  },
  meters: [
    {
      meter: 'image.gib',
      level: copiedGiB,
      attributes: ({ object }) => ({ image: object.spec.image, pool: object.spec.pool }),
    },
  ],
  requests: { retry: 'Copies again what was refused before.' },
  consult: () => ({ capacity: true }),
  allocate: allocateImageCopy,
  observe: observeImageCopy,
  plan: planImageCopy,
  acts: imageCopyActs,
  report: reportImageCopy,
  locality: ({ claims, object }) => claims?.chosen.reach ?? object.metadata.uid,
  inventory: (ports, poolUid) => fileInventory(ports, poolUid, imageUidOf),
  expel: expelFile,
  example: {
    apiVersion: 'steward/v1',
    kind: 'ImageCopy',
    metadata: { name: 'debian-13-main', project: 'default' },
    spec: { image: 'debian-13', pool: 'main' },
  },
});

/** GiB of a whole copy; unknown while the pool is silent. */
function copiedGiB({ observed }: MeterInput): number | null {
  if (observed.silent.length > 0) return null;
  const [seen] = observed.sightings;
  return seen?.state.whole ? Math.ceil(seen.state.capacityBytes / GIB) : 0;
}

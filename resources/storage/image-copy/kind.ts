import { z } from 'zod';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell } from '../../schema.ts';

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

/** One pool's copy of an image. Made by whoever needs it there, owned by the image, and gone with it. */
export const ImageCopy = defineKind({
  kind: 'ImageCopy',
  plural: 'imageCopies',
  group: 'storage',
  scope: 'project',
  shortNames: ['imgcopy'],
  description: "A pool's copy of an image. Made when something in the pool needs it; there is no need to write one.",
  spec,
  status,
  conditions: ['Copied'],
  columns: [
    { header: 'IMAGE', value: (copy) => cell(copy.spec.image) },
    { header: 'POOL', value: (copy) => cell(copy.spec.pool) },
    { header: 'FILE', wide: true, value: (copy) => cell(copy.status.file) },
  ],
  example: {
    apiVersion: 'steward/v1',
    kind: 'ImageCopy',
    metadata: { name: 'debian-13-main', project: 'default' },
    spec: { image: 'debian-13', pool: 'main' },
  },
});

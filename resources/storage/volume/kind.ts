import { z } from 'zod';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell, tags } from '../../schema.ts';
import { checkVolume } from './check.ts';

const spec = z.object({
  sizeGiB: z
    .int()
    .min(1)
    .max(65_536)
    .optional()
    .meta({ update: 'live' })
    .describe("Size; may only grow. Without it: the offering's, else what the image needs, else 10."),
  offering: ref('DiskOffering').optional().meta({ update: 'immutable' }).describe('Kind of disk.'),
  image: ref('Image').optional().meta({ update: 'immutable' }).describe('Template it starts as a copy of.'),
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
  allocatedMiB: z.int().optional().describe('Bytes really taken at the last look.'),
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
  description: 'A disk: empty or a copy of an image, in a pool. May grow, also while a machine runs on it.',
  spec,
  status,
  conditions: ['Provisioned', 'Sized'],
  columns: [
    { header: 'SIZE GIB', value: (volume) => cell(volume.status.sizeGiB) ?? cell(volume.spec.sizeGiB) },
    { header: 'POOL', value: (volume) => cell(volume.status.pool) ?? cell(volume.spec.pool) },
    { header: 'IMAGE', value: (volume) => cell(volume.spec.image) },
    { header: 'OFFERING', wide: true, value: (volume) => cell(volume.spec.offering) },
    { header: 'FILE', wide: true, value: (volume) => cell(volume.status.file) },
  ],
  requests: { recreate: 'Makes a volume anew whose data was lost, empty or from its image.' },
  check: checkVolume,
  example: {
    apiVersion: 'steward/v1',
    kind: 'Volume',
    metadata: { name: 'web-root', project: 'default' },
    spec: { sizeGiB: 20, image: 'debian-13', pool: 'main' },
  },
});

import { z } from 'zod';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell, displayName } from '../../schema.ts';
import { checkImage } from './check.ts';
import { observeImage } from './observe.ts';
import { planImage } from './plan.ts';
import { reportImage } from './report.ts';

const spec = z.object({
  displayName: displayName(),
  source: z
    .object({
      url: z.string().max(2048).optional().describe('http or https address of the file.'),
      file: z.string().max(1024).optional().describe("Path within one of the server's image folders."),
      volume: ref('Volume').optional().describe('Volume of the same project to make a template of.'),
    })
    .meta({ update: 'immutable' })
    .describe('Where the bytes come from: exactly one of url, file, volume.'),
  checksum: z
    .string()
    .regex(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/, 'sha256:<64 hex digits> or sha512:<128 hex digits>')
    .optional()
    .meta({ update: 'immutable' })
    .describe('Digest of the file. A copy whose bytes have another one is refused.'),
  format: z
    .enum(['qcow2', 'raw', 'iso'])
    .default('qcow2')
    .meta({ update: 'immutable' })
    .describe('qcow2 and raw are templates for volumes; iso is for CD-ROM drives.'),
  minDiskGiB: z
    .int()
    .min(1)
    .max(65_536)
    .optional()
    .meta({ update: 'live' })
    .describe('Smallest volume that may start from it. Never below what the file itself says.'),
});

const copy = z.object({
  pool: z.string().describe('Name of the pool.'),
  poolUid: z.string(),
  ready: z.boolean(),
  reason: z.string().optional().describe('Code of why it is not ready.'),
});

const status = z.object({
  bytes: z.int().nullable().optional().describe('Size of the file.'),
  virtualBytes: z.int().nullable().optional().describe('Size of the disk in it, where the file tells.'),
  revision: z.string().optional().describe('ETag or time of the file when it was looked at.'),
  file: z.string().optional().describe("Name of a copy's file in a pool."),
  diskFormat: z.enum(['qcow2', 'raw']).optional().describe('What a copy is to a hypervisor: an ISO is raw.'),
  origin: z
    .object({ poolUid: z.string(), file: z.string(), format: z.enum(['qcow2', 'raw']) })
    .optional()
    .describe('File of the volume that it is made of.'),
  copies: z.array(copy).optional().describe('Pools that have a copy, or are getting one. At most 100.'),
});

export type ImageSpec = z.output<typeof spec>;
export type ImageStatus = z.output<typeof status>;

/** A template for volumes, or an ISO. Pools that need it get a copy of their own. */
export const Image = defineKind({
  kind: 'Image',
  plural: 'images',
  group: 'storage',
  scope: 'project',
  shortNames: ['img'],
  description:
    'A template or an ISO, from a URL, a file or a volume. Shared with all projects by metadata.sharing: public.',
  spec,
  status,
  conditions: ['Available'],
  amounts: () => ({ images: 1 }),
  columns: [
    { header: 'FORMAT', value: (image) => cell(image.spec.format) },
    { header: 'BYTES', value: (image) => cell(image.status.bytes) },
    { header: 'MIN DISK GIB', value: (image) => cell(image.spec.minDiskGiB) },
    { header: 'SHARING', wide: true, value: (image) => image.metadata.sharing },
    { header: 'CHECKSUM', wide: true, value: (image) => cell(image.spec.checksum) },
  ],
  messages: {
    SourceSeen: 'Its source was seen and fits.',
    SourceUnavailable: 'Its source cannot be read now: {message}',
    SourceRefused: 'Its source cannot be used: {message}',
    FormatDiffers: 'The file is {found}, the image says {expected}: set format to {found}, or name another file.',
    VolumeNotThere: 'Volume {volume}, which it is made of, is not there yet.',
  },
  check: ({ spec: wished }) => checkImage(wished),
  observe: observeImage,
  plan: planImage,
  report: reportImage,
  example: {
    apiVersion: 'steward/v1',
    kind: 'Image',
    metadata: { name: 'debian-13', project: 'default', sharing: 'public' },
    spec: {
      displayName: 'Debian 13',
      source: { url: 'https://cloud.debian.org/images/cloud/trixie/latest/debian-13-genericcloud-amd64.qcow2' },
      format: 'qcow2',
      minDiskGiB: 3,
    },
  },
});

import { z } from 'zod';
import { defineKind, type SpecIssue } from '../../../reconciler/kind.ts';
import { cell, displayName, tags } from '../../schema.ts';

const sizeGiB = () => z.int().min(1).max(65_536).optional().meta({ update: 'immutable', group: 'Size' });

const spec = z.object({
  displayName: displayName(),
  sizeGiB: sizeGiB().describe('Every volume of this offering has this size.'),
  minGiB: sizeGiB().describe('Smallest size a user may choose, when the size is not fixed.'),
  maxGiB: sizeGiB().describe('Largest size a user may choose, when the size is not fixed.'),
  tags: tags().describe('Tags that a pool must have, all of them.'),
  iops: z
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .meta({ update: 'restart', group: 'Quality' })
    .describe('Upper bound of reads and writes a second.'),
  cache: z
    .enum(['none', 'writeback', 'writethrough'])
    .optional()
    .meta({ update: 'restart', group: 'Quality' })
    .describe("The host's cache. Without it the hypervisor's default."),
});

export type DiskOfferingSpec = z.output<typeof spec>;

/** What a volume may be like: a fixed size or a range, where it may lie, how fast it is. */
export const DiskOffering = defineKind({
  kind: 'DiskOffering',
  plural: 'diskOfferings',
  group: 'storage',
  scope: 'global',
  shortNames: ['do', 'diskoff'],
  description: 'A choice of disk: fixed or custom size, tags of the pools it may lie in, speed and cache.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'SIZE', value: (offering) => sizeText(offering.spec as DiskOfferingSpec) },
    { header: 'TAGS', value: (offering) => cell(offering.spec.tags) },
    { header: 'IOPS', wide: true, value: (offering) => cell(offering.spec.iops) },
    { header: 'CACHE', wide: true, value: (offering) => cell(offering.spec.cache) },
  ],
  check: ({ spec: wished }) => checkSizes(wished),
  example: {
    apiVersion: 'steward/v1',
    kind: 'DiskOffering',
    metadata: { name: 'fast' },
    spec: { displayName: 'Fast SSD', minGiB: 10, maxGiB: 1000, tags: ['ssd'], iops: 5000, cache: 'none' },
  },
});

function checkSizes(wished: DiskOfferingSpec): SpecIssue[] {
  const { sizeGiB: fixed, minGiB, maxGiB } = wished;
  if (fixed !== undefined && (minGiB !== undefined || maxGiB !== undefined)) {
    return [{ path: '/sizeGiB', message: 'A fixed size leaves nothing to choose: set sizeGiB, or minGiB and maxGiB.' }];
  }
  if (minGiB !== undefined && maxGiB !== undefined && minGiB > maxGiB) {
    return [{ path: '/minGiB', message: `minGiB (${minGiB}) is above maxGiB (${maxGiB}): lower it, or raise maxGiB.` }];
  }
  return [];
}

function sizeText(offering: DiskOfferingSpec): string {
  if (offering.sizeGiB !== undefined) return `${offering.sizeGiB}GiB`;
  if (offering.minGiB === undefined && offering.maxGiB === undefined) return 'any';
  return `${offering.minGiB ?? 1}-${offering.maxGiB ?? 65_536}GiB`;
}

import { z } from 'zod';
import { defineKind, type SpecIssue } from '../../../reconciler/kind.ts';
import { cell, displayName, tags } from '../../schema.ts';

const CPUS_MAX = 512;
const MEMORY_MAX_MIB = 16_777_216;

const cpus = () => z.int().min(1).max(CPUS_MAX).optional().meta({ update: 'immutable', group: 'Size' });
const memoryMiB = () => z.int().min(64).max(MEMORY_MAX_MIB).optional().meta({ update: 'immutable', group: 'Size' });

const spec = z.object({
  displayName: displayName(),
  cpus: cpus().describe('Every machine of this offering has this many virtual CPUs.'),
  memoryMiB: memoryMiB().describe('Every machine of this offering has this much memory.'),
  minCpus: cpus().describe('Fewest CPUs a user may choose, when the size is not fixed (1).'),
  maxCpus: cpus().describe(
    'Most CPUs a user may choose, when the size is not fixed; also how far a running machine can grow.',
  ),
  minMemoryMiB: memoryMiB().describe('Least memory a user may choose, when the size is not fixed (64).'),
  maxMemoryMiB: memoryMiB().describe('Most memory a user may choose, when the size is not fixed.'),
  cpuShares: z
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .meta({ update: 'immutable', group: 'Quality' })
    .describe('Weight of each CPU when the host is busy: 200 gets twice what 100 gets.'),
  cpuLimitPercent: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .meta({ update: 'immutable', group: 'Quality' })
    .describe(
      'How much of each of its CPUs a machine may use at most, also on an idle host. Without it there is no limit.',
    ),
  hostTags: tags()
    .meta({ update: 'immutable', group: 'Placement' })
    .describe('Tags that a host must have, all of them.'),
  placement: z
    .enum(['FirstFit', 'Pack', 'Spread'])
    .default('Spread')
    .meta({ update: 'immutable', group: 'Placement' })
    .describe('FirstFit: the first host with room, by name. Pack: the fullest that fits. Spread: the emptiest.'),
  nicRateMbps: z
    .int()
    .min(1)
    .max(400_000)
    .optional()
    .meta({ update: 'immutable', group: 'Quality' })
    .describe('Average rate of each NIC in Mbit/s. Without it there is no limit.'),
});

export type ComputeOfferingSpec = z.output<typeof spec>;

/**
 * What a machine may be like. Its material fields never change after creation, so a machine is always what its offering says; make a
 * new offering for a new size, and point machines to it when they should change.
 */
export const ComputeOffering = defineKind({
  kind: 'ComputeOffering',
  plural: 'computeOfferings',
  group: 'compute',
  scope: 'global',
  shortNames: ['co', 'offering'],
  description:
    'A choice of machine: fixed or custom size, weight, limits, and where it may be placed. Immutable but for its display name.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'CPUS', value: ({ spec: s }) => cell(s.cpus) ?? range(s.minCpus ?? 1, s.maxCpus) },
    { header: 'MEMORY MIB', value: ({ spec: s }) => cell(s.memoryMiB) ?? range(s.minMemoryMiB ?? 64, s.maxMemoryMiB) },
    { header: 'PLACEMENT', value: ({ spec: s }) => cell(s.placement) },
    { header: 'SHARES', wide: true, value: ({ spec: s }) => cell(s.cpuShares) },
    { header: 'HOST TAGS', wide: true, value: ({ spec: s }) => cell(s.hostTags) },
  ],
  check: ({ spec: wished }) => [
    ...checkSize({ fixed: 'cpus', least: 'minCpus', most: 'maxCpus' }, wished),
    ...checkSize({ fixed: 'memoryMiB', least: 'minMemoryMiB', most: 'maxMemoryMiB' }, wished),
  ],
  example: {
    apiVersion: 'steward/v1',
    kind: 'ComputeOffering',
    metadata: { name: 'small' },
    spec: { displayName: 'Small', cpus: 1, memoryMiB: 1024, cpuShares: 100, placement: 'Spread' },
  },
});

type SizeField = 'cpus' | 'memoryMiB' | 'minCpus' | 'maxCpus' | 'minMemoryMiB' | 'maxMemoryMiB';

function checkSize(
  names: { fixed: SizeField; least: SizeField; most: SizeField },
  wished: ComputeOfferingSpec,
): SpecIssue[] {
  const { fixed, least, most } = names;
  const [exact, from, to] = [wished[fixed], wished[least], wished[most]];
  if (exact !== undefined && (from !== undefined || to !== undefined)) {
    return [
      { path: `/${fixed}`, message: `A fixed size leaves nothing to choose: set ${fixed}, or ${least} and ${most}.` },
    ];
  }
  if (from !== undefined && to !== undefined && from > to) {
    return [{ path: `/${least}`, message: `${least} (${from}) is above ${most} (${to}): lower it, or raise ${most}.` }];
  }
  return [];
}

function range(from: unknown, to: unknown): string {
  return to === undefined ? `${String(from)}+` : `${String(from)}-${String(to)}`;
}

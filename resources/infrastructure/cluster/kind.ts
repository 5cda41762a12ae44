import { z } from 'zod';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { allocation, cell, displayName, percent } from '../../schema.ts';

const spec = z.object({
  zone: ref('Zone').optional().meta({ update: 'immutable' }).describe('Zone it stands in.'),
  pod: ref('Pod').optional().meta({ update: 'immutable' }).describe('Pod it stands in.'),
  displayName: displayName(),
  allocation: allocation(),
  cpuOvercommitPercent: percent()
    .default(100)
    .describe('CPUs promised, in percent of the CPUs there are. 400 = four promised per CPU.'),
  memoryOvercommitPercent: percent()
    .default(100)
    .describe('Memory promised, in percent of the memory there is. Above 100 needs swap or KSM on the hosts.'),
});

export type ClusterSpec = z.output<typeof spec>;

/** Hosts of one make among which machines may move. Says how far their CPUs and memory are overcommitted. */
export const Cluster = defineKind({
  kind: 'Cluster',
  plural: 'clusters',
  group: 'infrastructure',
  scope: 'global',
  shortNames: [],
  description: 'Hosts of one make among which machines may move, with common overcommit.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'ZONE', value: (cluster) => cell(cluster.spec.zone) },
    { header: 'POD', wide: true, value: (cluster) => cell(cluster.spec.pod) },
    { header: 'CPU %', value: (cluster) => cell(cluster.spec.cpuOvercommitPercent) },
    { header: 'MEMORY %', value: (cluster) => cell(cluster.spec.memoryOvercommitPercent) },
    { header: 'ALLOCATION', value: (cluster) => cell(cluster.spec.allocation) },
  ],
  example: {
    apiVersion: 'steward/v1',
    kind: 'Cluster',
    metadata: { name: 'general' },
    spec: { zone: 'fra1', pod: 'rack-7', cpuOvercommitPercent: 400, memoryOvercommitPercent: 100 },
  },
});

import { z } from 'zod';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { allocation, cell, displayName } from '../../schema.ts';

/** Hosts that share a layer-2 segment, usually a rack. */
export const Pod = defineKind({
  kind: 'Pod',
  plural: 'pods',
  group: 'infrastructure',
  scope: 'global',
  shortNames: [],
  description: 'Hosts of a zone that share a layer-2 segment, usually a rack.',
  spec: z.object({
    zone: ref('Zone').meta({ update: 'immutable' }).describe('Zone it stands in.'),
    displayName: displayName(),
    allocation: allocation(),
  }),
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'ZONE', value: (pod) => cell(pod.spec.zone) },
    { header: 'ALLOCATION', value: (pod) => cell(pod.spec.allocation) },
  ],
  example: {
    apiVersion: 'steward/v1',
    kind: 'Pod',
    metadata: { name: 'rack-7' },
    spec: { zone: 'fra1', allocation: 'Enabled' },
  },
});

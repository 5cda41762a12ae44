import { z } from 'zod';
import { defineKind } from '../../../reconciler/kind.ts';
import { allocation, cell, displayName } from '../../schema.ts';

/** A place of its own power and uplink, usually a building. Users choose zones; pods, clusters and hosts are the operator's. */
export const Zone = defineKind({
  kind: 'Zone',
  plural: 'zones',
  group: 'infrastructure',
  scope: 'global',
  shortNames: ['zn'],
  description: 'A failure domain with power and uplink of its own, usually a building or a room.',
  spec: z.object({ displayName: displayName(), allocation: allocation() }),
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'ALLOCATION', value: (zone) => cell(zone.spec.allocation) },
    { header: 'DISPLAY NAME', wide: true, value: (zone) => cell(zone.spec.displayName) },
  ],
  example: {
    apiVersion: 'steward/v1',
    kind: 'Zone',
    metadata: { name: 'fra1' },
    spec: { displayName: 'Frankfurt 1', allocation: 'Enabled' },
  },
});

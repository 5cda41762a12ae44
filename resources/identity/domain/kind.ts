import { z } from 'zod';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell, displayName } from '../../schema.ts';

/** A branch of the provider's own order of its customers. */
export const Domain = defineKind({
  kind: 'Domain',
  plural: 'domains',
  group: 'identity',
  scope: 'global',
  shortNames: ['dom'],
  description: 'A branch of a tree of accounts: a quota of a domain holds all that is below it.',
  spec: z.object({
    displayName: displayName(),
    parent: ref('Domain').optional().meta({ update: 'immutable' }).describe('Domain that it is part of.'),
  }),
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'PARENT', value: (domain) => cell(domain.spec.parent) },
    { header: 'DISPLAY NAME', value: (domain) => cell(domain.spec.displayName) },
  ],
  example: {
    apiVersion: 'steward/v1',
    kind: 'Domain',
    metadata: { name: 'research' },
    spec: { displayName: 'Research' },
  },
});

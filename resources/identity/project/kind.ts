import { z } from 'zod';
import { NAME, ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell, displayName } from '../../schema.ts';

/** A space of names: machines, networks and volumes live in one, and are seen by the people of it. */
export const Project = defineKind({
  kind: 'Project',
  plural: 'projects',
  group: 'identity',
  scope: 'global',
  shortNames: ['proj'],
  description: 'A space of names for machines, networks, volumes and images, paid for by an account.',
  spec: z.object({
    account: ref('Account').default('default').meta({ update: 'live' }).describe('Account that pays.'),
    displayName: displayName(),
    owner: z
      .string()
      .max(200)
      .optional()
      .meta({ update: 'live', sensitivity: 'personal' })
      .describe('Who answers for it, e.g. user:anna.'),
    members: z
      .array(
        z.object({
          user: ref('User').describe('User who takes part.'),
          roles: z
            .array(z.string().regex(NAME, 'name of a role'))
            .min(1)
            .max(16)
            .describe('What the user may do here; nothing of a role reaches beyond the project.'),
        }),
      )
      .max(1_000)
      .default([])
      .meta({ update: 'live' })
      .describe('Who works in it beside the people of its account.'),
  }),
  status: z.object({}),
  conditions: [],
  amounts: () => ({ projects: 1 }),
  columns: [
    { header: 'ACCOUNT', value: (project) => cell(project.spec.account) },
    { header: 'OWNER', value: (project) => cell(project.spec.owner) },
    { header: 'DISPLAY NAME', wide: true, value: (project) => cell(project.spec.displayName) },
  ],
  example: {
    apiVersion: 'steward/v1',
    kind: 'Project',
    metadata: { name: 'shop' },
    spec: { account: 'default', displayName: 'Web shop', owner: 'user:anna' },
  },
});

import { z } from 'zod';
import { SCOPES, VERBS } from '../../../reconciler/access/rule.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell, displayName } from '../../schema.ts';
import { AUTHORITY_NAMES } from './authorities.ts';
import { checkRole } from './check.ts';

const rule = z.object({
  verbs: z
    .array(z.enum([...VERBS, '*']))
    .min(1)
    .max(VERBS.length)
    .describe('What may be done; get stands for list and watch too.'),
  kinds: z
    .array(z.string().regex(/^([A-Z][A-Za-z]*|\*)$/, 'a kind such as VirtualMachine, or "*"'))
    .min(1)
    .max(100)
    .describe('To what: kinds, records such as AuditEntry, or "*".'),
  scope: z
    .enum(SCOPES)
    .describe(
      'How far: own things, projects of which one is a member, the account, its channel, all; or what others share with everybody.',
    ),
  selector: z.record(z.string().max(317), z.string().max(63)).optional().describe('Labels that an object must have.'),
  fields: z
    .array(z.string().regex(/^\//, 'a JSON pointer such as /displayName').max(200))
    .min(1)
    .max(50)
    .optional()
    .describe('An update may change these fields of the spec only.'),
});

const spec = z.object({
  displayName: displayName(),
  side: z
    .enum(['provider', 'customer', 'project'])
    .default('customer')
    .meta({ update: 'immutable' })
    .describe('Whose people have it: the provider’s, a customer’s, or members of a project.'),
  authorities: z
    .array(z.enum(AUTHORITY_NAMES))
    .max(AUTHORITY_NAMES.length)
    .default([])
    .meta({ update: 'live' })
    .describe('Named sets of permissions.'),
  rules: z.array(rule).max(100).default([]).meta({ update: 'live' }).describe('Further permissions.'),
});

export type RoleSpec = z.output<typeof spec>;

/** A security profile: what those may do who have it. */
export const Role = defineKind({
  kind: 'Role',
  plural: 'roles',
  group: 'identity',
  scope: 'global',
  shortNames: [],
  description: 'What those may do who have it: verbs on kinds, within a scope.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'SIDE', value: (role) => cell(role.spec.side) },
    { header: 'AUTHORITIES', value: (role) => cell(role.spec.authorities) },
    { header: 'DISPLAY NAME', wide: true, value: (role) => cell(role.spec.displayName) },
  ],
  check: ({ spec: wished }) => checkRole(wished),
  example: {
    apiVersion: 'steward/v1',
    kind: 'Role',
    metadata: { name: 'night-watch' },
    spec: {
      displayName: 'Night watch',
      side: 'customer',
      authorities: ['USER'],
      rules: [{ verbs: ['get', 'request'], kinds: ['VirtualMachine'], scope: 'account' }],
    },
  },
});

import { z } from 'zod';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell } from '../../schema.ts';

const limit = (what: string) =>
  z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional().describe(`${what}; no limit without it.`);

const spec = z.object({
  account: ref('Account').optional().meta({ update: 'immutable' }).describe('Account that it holds.'),
  project: ref('Project').optional().meta({ update: 'immutable' }).describe('Project that it holds.'),
  domain: ref('Domain').optional().meta({ update: 'immutable' }).describe('Domain that it holds, with all below it.'),
  limits: z
    .object({
      virtualMachines: limit('Machines'),
      cpus: limit('Virtual CPUs of all machines'),
      memoryMiB: limit('Memory of all machines'),
      volumes: limit('Volumes, those of machines included'),
      volumesGiB: limit('Size of all volumes that name one'),
      snapshots: limit('Snapshots of volumes'),
      networks: limit('Networks'),
      images: limit('Images'),
      projects: limit('Projects'),
      subscriptions: limit('Subscriptions'),
    })
    .meta({ update: 'live' })
    .describe(
      'The most there may be at once. A limit below what is there destroys nothing, and lets nothing grow. What machines make for themselves is counted and never refused.',
    ),
});

type QuotaSpec = z.output<typeof spec>;

/** How much an account, a project or a domain may have. Counted in the transaction of every change: no number of requests at once gets past it. */
export const Quota = defineKind({
  kind: 'Quota',
  plural: 'quotas',
  group: 'identity',
  scope: 'global',
  shortNames: [],
  description:
    'How much an account, a project or a domain may have at once. Every quota that holds a thing must have room.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'HOLDS', value: (quota) => subjectOf(quota.spec as QuotaSpec) },
    {
      header: 'LIMITS',
      value: (quota) =>
        Object.entries((quota.spec as QuotaSpec).limits)
          .map(([name, most]) => `${name}=${cell(most)}`)
          .join(','),
    },
  ],
  check: ({ spec: wished }) => {
    const named = [wished.account, wished.project, wished.domain].filter((name) => name !== undefined);
    return named.length === 1 ? [] : [{ path: '', message: 'holds exactly one of account, project and domain.' }];
  },
  uniqueKeys: ({ spec: wished }) => [subjectOf(wished)],
  example: {
    apiVersion: 'steward/v1',
    kind: 'Quota',
    metadata: { name: 'acme' },
    spec: {
      account: 'acme',
      limits: { virtualMachines: 20, cpus: 40, memoryMiB: 40_960, volumes: 20, volumesGiB: 200 },
    },
  },
});

function subjectOf({ account, project, domain }: QuotaSpec): string {
  if (account !== undefined) return `account/${account}`;
  return project === undefined ? `domain/${domain}` : `project/${project}`;
}

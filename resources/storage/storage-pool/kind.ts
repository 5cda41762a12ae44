import { z } from 'zod';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { PORT_MESSAGES } from '../../act-result.ts';
import { allocation, cell, percent, tags } from '../../schema.ts';
import { storagePoolActs } from './acts.ts';
import { allocateStoragePool } from './allocate.ts';
import { checkStoragePool } from './check.ts';
import { poolInventory } from './inventory.ts';
import { observeStoragePool } from './observe.ts';
import { planStoragePool } from './plan.ts';
import { poolCapacity, reportStoragePool } from './report.ts';

const text = (what: string) => z.string().min(1).max(1024).optional().meta({ update: 'immutable' }).describe(what);

const spec = z.object({
  type: z
    .enum(['dir', 'netfs', 'logical', 'iscsi', 'rbd'])
    .default('dir')
    .meta({ update: 'immutable' })
    .describe('How the bytes are kept. Only dir is carried out now.'),
  path: z
    .string()
    .max(1024)
    .regex(/^\/[^\0\n]*$/, 'an absolute path such as /var/lib/steward/pools/main')
    .optional()
    .meta({ update: 'immutable' })
    .describe('Folder on the hosts: where the files are (dir), or where it is mounted (netfs).'),
  source: z
    .object({
      server: text('Server of a netfs, iscsi or rbd pool.'),
      export: text('Exported folder (netfs).'),
      target: text('Target name (iscsi).'),
      volumeGroup: text('Volume group (logical).'),
      cephPool: text('Pool of the Ceph cluster (rbd).'),
    })
    .optional()
    .meta({ update: 'immutable', group: 'Source' })
    .describe('Where the bytes come from, for pools that are not a folder of the host.'),
  hosts: z
    .array(ref('Host'))
    .min(1)
    .max(64)
    .meta({ update: 'live' })
    .describe('Hosts that reach it. With more than one, all must see the same files under the same path.'),
  tags: tags().describe('What it offers to placement, e.g. ssd.'),
  allocation: allocation(),
  overcommitPercent: percent()
    .default(200)
    .describe('Bytes promised, in percent of the bytes there are. Volumes are thin, so 200 is usual.'),
});

const status = z.object({
  shared: z.boolean().optional().describe('Reached by more than one host.'),
  capacityMiB: z.int().optional(),
  availableMiB: z.int().optional().describe('Free on disk, rounded down to hundredths of the pool.'),
  hosts: z
    .array(z.object({ uid: z.string(), state: z.enum(['Active', 'Inactive', 'Missing', 'Silent', 'Foreign']) }))
    .optional()
    .describe('How it stands on each of its hosts.'),
});

export type StoragePoolSpec = z.output<typeof spec>;
export type StoragePoolStatus = z.output<typeof status>;

/** A place for volumes: a folder on one host, or one that several hosts share. */
export const StoragePool = defineKind({
  kind: 'StoragePool',
  plural: 'storagePools',
  group: 'storage',
  scope: 'global',
  shortNames: ['pool', 'sp'],
  description: 'A place for volumes, on one host or shared by several.',
  spec,
  status,
  conditions: ['Active'],
  columns: [
    { header: 'TYPE', value: (pool) => cell(pool.spec.type) },
    { header: 'HOSTS', value: (pool) => cell(pool.spec.hosts) },
    { header: 'CAPACITY MIB', value: (pool) => cell(pool.status.capacityMiB) },
    { header: 'FREE MIB', value: (pool) => cell(pool.status.availableMiB) },
    { header: 'PATH', wide: true, value: (pool) => cell(pool.spec.path) },
    { header: 'TAGS', wide: true, value: (pool) => cell(pool.spec.tags) },
  ],
  messages: {
    ...PORT_MESSAGES,
    PoolActive: 'Active on {active} of {total} hosts.',
    NotEverywhere: 'Active on only {active} of {total} hosts ({silent} do not answer).',
    AllHostsAnswer: 'Every host answers.',
    HostsSilent: '{silent} of {total} hosts do not answer; nothing is changed there until they do.',
    PoolMissing: 'The host does not have the pool.',
    PoolInactive: 'The pool is defined but not started.',
    PathDiffers: 'The pool on the host is at {found}, wished is {expected}.',
    HostLeft: 'The host is no longer in the list of hosts.',
    PoolHoldsVolumes:
      '{count} volumes and snapshots still lie in it ({first}, …); it is removed as soon as they are gone.',
  },
  check: ({ spec: wished }) => checkStoragePool(wished),
  uniqueKeys: ({ spec: { path, hosts } }) =>
    path === undefined ? [] : [...new Set(hosts)].map((host) => `folder ${path} on host ${host}`),
  uniqueField: '/path',
  allocate: allocateStoragePool,
  observe: observeStoragePool,
  plan: planStoragePool,
  acts: storagePoolActs,
  report: reportStoragePool,
  capacity: poolCapacity,
  locality: ({ claims, object }) => claims?.places[0] ?? object.metadata.uid,
  inventory: poolInventory,
  example: {
    apiVersion: 'steward/v1',
    kind: 'StoragePool',
    metadata: { name: 'main' },
    spec: { type: 'dir', path: '/var/lib/steward/pools/main', hosts: ['local'], tags: ['ssd'] },
  },
});

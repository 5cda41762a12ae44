import { z } from 'zod';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { PORT_MESSAGES } from '../../act-result.ts';
import { cell } from '../../schema.ts';
import { sourceActs } from './acts.ts';
import { checkSource } from './check.ts';
import { observeSource } from './observe.ts';
import { planSource } from './plan.ts';
import { reportSource } from './report.ts';

const spec = z.object({
  folder: z
    .string()
    .min(1)
    .max(1024)
    .optional()
    .meta({ update: 'live', group: 'Place' })
    .describe('Folder on the server, one of those that its configuration lets sources read.'),
  git: z
    .object({
      url: z.string().max(2048).describe('https:// or ssh:// address of the repository, without credentials.'),
      branch: z.string().max(200).default('main').describe('Branch to follow.'),
      path: z.string().max(1024).default('').describe('Folder in the repository; empty for the whole.'),
      secret: ref('Secret')
        .optional()
        .describe('Credentials: token, or username and password, or sshKey and knownHosts.'),
    })
    .optional()
    .meta({ update: 'live', group: 'Place' })
    .describe('Repository to follow. Exactly one of folder and git.'),
  intervalSeconds: z
    .int()
    .min(5)
    .max(86_400)
    .default(60)
    .meta({ update: 'live' })
    .describe('How often it is looked at. A change in a folder is also noticed by itself.'),
  prune: z
    .boolean()
    .default(true)
    .meta({ update: 'live' })
    .describe('Delete objects whose manifest is gone from the source.'),
  allowEmpty: z
    .boolean()
    .default(false)
    .meta({ update: 'live' })
    .describe('Let the source remove everything, or most of it, at once. Otherwise such a removal waits.'),
  suspend: z.boolean().default(false).meta({ update: 'live' }).describe('Apply nothing until this is false again.'),
});

const status = z.object({
  revision: z.string().optional().describe('Commit or content hash that was last applied, or tried.'),
  available: z.string().optional().describe('Commit or content hash at which the source stands.'),
  syncedAt: z.string().optional().describe('Instant of the last sync.'),
  files: z.int().optional().describe('Files that were read.'),
  objects: z.int().optional().describe('Objects that the source describes.'),
  changed: z.int().optional().describe('Objects that the last sync created or changed.'),
  pruned: z.int().optional().describe('Objects that the last sync removed.'),
  errors: z
    .array(z.object({ file: z.string(), line: z.int(), column: z.int(), message: z.string() }))
    .optional()
    .describe('What is wrong with the manifests; nothing was applied then. At most 20.'),
  errorCount: z.int().optional(),
});

export type SourceSpec = z.output<typeof spec>;
export type SourceStatus = z.output<typeof status>;

/** A folder or a Git branch whose manifests are applied, kept applied, and removed with their files. */
export const Source = defineKind({
  kind: 'Source',
  plural: 'sources',
  group: 'source',
  scope: 'project',
  shortNames: ['src'],
  description: 'A folder or a Git branch of manifests: applied when it changes, and pruned of what it no longer holds.',
  spec,
  status,
  conditions: ['Fetched', 'Applied'],
  columns: [
    { header: 'FROM', value: ({ spec: s }) => cell(s.folder) ?? (s as SourceSpec).git?.url },
    { header: 'REVISION', value: ({ status: s }) => cell(s.revision)?.toString().slice(0, 12) },
    { header: 'OBJECTS', value: ({ status: s }) => cell(s.objects) },
    { header: 'ERRORS', value: ({ status: s }) => cell(s.errorCount) },
    { header: 'SYNCED', wide: true, value: ({ status: s }) => cell(s.syncedAt) },
  ],
  messages: {
    ...PORT_MESSAGES,
    Fetched: 'It was read at {revision}.',
    SourceUnavailable: 'It cannot be read now: {message}',
    Applied: 'Its {objects} objects are as its files say.',
    NotYetApplied: 'Its newest revision is not applied yet.',
    ManifestsRefused: '{count} errors in its manifests; nothing was applied. First: {first}',
    Suspended: 'It is suspended: nothing is applied until suspend is false.',
    NewRevision: 'It moved from {from} to {to}.',
    WishChanged: 'Its own settings changed.',
    FirstSync: 'It was never applied.',
    RetryDue: 'The last try met errors; trying again.',
    CheckDue: 'Its objects are compared with its files from time to time.',
  },
  check: ({ spec: wished }) => checkSource(wished),
  observe: observeSource,
  plan: planSource,
  acts: sourceActs,
  report: reportSource,
  resyncMs: ({ object }) => object.spec.intervalSeconds * 1000,
  example: {
    apiVersion: 'steward/v1',
    kind: 'Source',
    metadata: { name: 'infra', project: 'default' },
    spec: { git: { url: 'https://git.example.org/infra.git', branch: 'main', path: 'prod' }, intervalSeconds: 60 },
  },
});

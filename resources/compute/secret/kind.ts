import { z } from 'zod';
import { secret } from '../../../reconciler/field-meta.ts';
import { defineKind, type SpecIssue } from '../../../reconciler/kind.ts';

const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/;
const ENTRIES_MAX = 64;

const spec = z.object({
  data: z
    .record(z.string().regex(KEY, 'a key: letters, digits, ".", "_" or "-"'), secret())
    .meta({ update: 'live' })
    .describe('Values by key. Written once, never shown again; sealed at rest.'),
});

export type SecretSpec = z.output<typeof spec>;

/** Values that others use and nobody reads back: passwords, tokens, user data with either in it. */
export const Secret = defineKind({
  kind: 'Secret',
  plural: 'secrets',
  group: 'compute',
  scope: 'project',
  shortNames: ['sec'],
  description: 'Named values that are write-only: machines and sources use them, nobody reads them back.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    {
      header: 'KEYS',
      value: ({ spec: s }) =>
        Object.keys((s as SecretSpec).data)
          .sort()
          .join(','),
    },
  ],
  check: ({ spec: wished }) => checkEntries(wished),
  example: {
    apiVersion: 'steward/v1',
    kind: 'Secret',
    metadata: { name: 'web-user-data', project: 'default' },
    spec: { data: { 'user-data': '#cloud-config\npassword: change-me\n' } },
  },
});

function checkEntries({ data }: SecretSpec): SpecIssue[] {
  const count = Object.keys(data).length;
  if (count > 0 && count <= ENTRIES_MAX) return [];
  return [{ path: '/data', message: `1 to ${ENTRIES_MAX} values are needed; found ${count}.` }];
}

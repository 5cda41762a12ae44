import { z } from 'zod';
import { reason } from '../../../reconciler/json.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell } from '../../schema.ts';
import { parsePublicKey } from './public-key.ts';

const spec = z.object({
  publicKey: z
    .string()
    .min(1)
    .max(16_384)
    .meta({ update: 'live', widget: 'textarea' })
    .describe(
      'One line as in a .pub file: type, base64, comment. Machines that use it get a new seed at their next restart.',
    ),
});

const status = z.object({
  type: z.string().optional(),
  fingerprint: z.string().optional().describe('As ssh-keygen -l prints it.'),
  comment: z.string().optional(),
});

/** A public key that machines let in. */
export const SshKey = defineKind({
  kind: 'SshKey',
  plural: 'sshKeys',
  group: 'compute',
  scope: 'project',
  shortNames: ['key'],
  description: 'A public SSH key that machines let in.',
  spec,
  status,
  conditions: ['Valid'],
  columns: [
    { header: 'TYPE', value: (key) => cell(key.status.type) },
    { header: 'FINGERPRINT', value: (key) => cell(key.status.fingerprint) },
    { header: 'COMMENT', wide: true, value: (key) => cell(key.status.comment) },
  ],
  messages: { KeyInvalid: 'This is no public key: {problem}.', KeyValid: 'The key can be used.' },
  check: ({ spec: { publicKey } }) => {
    const parsed = parsePublicKey(publicKey);
    return parsed.ok ? [] : [{ path: '/publicKey', message: `Not a public SSH key: ${parsed.problem}.` }];
  },
  report: ({ object }) => {
    const parsed = parsePublicKey(object.spec.publicKey);
    if (!parsed.ok) {
      const why = reason('KeyInvalid', { problem: parsed.problem });
      return { status: {}, conditions: [{ type: 'Valid', status: 'False', reason: why }] };
    }
    return { status: parsed.key, conditions: [{ type: 'Valid', status: 'True', reason: reason('KeyValid') }] };
  },
  example: {
    apiVersion: 'steward/v1',
    kind: 'SshKey',
    metadata: { name: 'admin', project: 'default' },
    spec: { publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM6hFcxLIDDxphluw23eW7WONTu69nDGtoQs7tz0LFR0 admin' },
  },
});

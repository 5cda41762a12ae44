import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { REGISTRY } from '../resources/registry.ts';
import { KINDS } from './fixtures/kinds.ts';
import { kindSchema, schemaFileName, schemaFiles } from './json-schema.ts';

const FOLDER = join(import.meta.dirname, 'schema');

describe('schemas for editors', () => {
  it('say what the kind says, strictly, without what only the engine understands', () => {
    const schema = kindSchema(KINDS.kind('Network') as never);
    expect(schema.properties).toMatchObject({
      apiVersion: { enum: ['steward/v1'] },
      kind: { const: 'Network' },
      spec: {
        type: 'object',
        additionalProperties: false,
        required: ['cidr'],
        properties: {
          mode: { enum: ['isolated', 'bridged'], default: 'isolated', description: 'How it reaches the outside.' },
        },
      },
    });
    expect(JSON.stringify(schema)).not.toMatch(/"update"|"ref"|"secret"/);
  });

  it('offer every kind, and Lists of them, in one file', () => {
    const all = schemaFiles(KINDS).find(({ name }) => name === 'all.json')?.text ?? '';
    expect(JSON.parse(all).definitions.manifest.properties.kind.enum).toEqual([
      'Project',
      'Network',
      'Machine',
      'List',
    ]);
  });

  it('are named after their kind', () => {
    expect(['VirtualMachine', 'SshKey', 'Pod'].map(schemaFileName)).toEqual([
      'virtual-machine.json',
      'ssh-key.json',
      'pod.json',
    ]);
  });

  it('are committed as the registry makes them (npm run generate)', () => {
    const committed = Object.fromEntries(
      readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')]),
    );
    expect(committed).toEqual(Object.fromEntries(schemaFiles(REGISTRY).map(({ name, text }) => [name, text])));
  });
});

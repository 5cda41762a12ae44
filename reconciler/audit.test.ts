import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { auditOf } from './audit.ts';
import { secret } from './field-meta.ts';
import type { JsonObject } from './json.ts';
import { type AnyKind, defineKind } from './kind.ts';
import { API_VERSION, emptyStatus, type Metadata, type StoredObject } from './object.ts';
import { createRegistry } from './registry.ts';

const registry = createRegistry([
  defineKind({
    kind: 'Host',
    plural: 'hosts',
    group: 'infrastructure',
    scope: 'global',
    shortNames: [],
    description: 'For tests.',
    conditions: [],
    columns: [],
    example: {},
    status: z.object({}),
    spec: z.object({ uri: z.string(), login: z.object({ password: secret() }).optional() }),
  }),
] as AnyKind[]);

function host(spec: JsonObject, metadata: Partial<Metadata> = {}): StoredObject {
  const whole = { name: 'one', labels: {}, requests: {}, overrides: {}, deletedAt: null, ...metadata } as Metadata;
  return { apiVersion: API_VERSION, kind: 'Host', metadata: whole, spec, status: emptyStatus() };
}

const audit = (old: StoredObject | undefined, stored: StoredObject) => auditOf(registry, { old, stored });

describe('the audit of a write', () => {
  it('lists every field of a new object and no secret', () => {
    const stored = host({ uri: 'test:///default', login: { password: 'canary' } });
    const entry = audit(undefined, stored);
    expect(entry.op).toBe('create');
    expect(entry.changes[0]).toEqual({ path: '/uri', from: null, to: 'test:///default' });
    expect(JSON.stringify(entry)).not.toContain('canary');
  });

  it('says that a secret changed, appeared or went, and never shows one', () => {
    const with_ = (password: string) => host({ uri: 'a', login: { password } });
    expect(audit(with_('canary-1'), with_('canary-2')).changes).toEqual([
      { path: '/login/password', from: '(secret)', to: '(secret, changed)' },
    ]);
    expect(audit(with_('canary-1'), with_('canary-1')).changes).toEqual([]);
    expect(JSON.stringify(audit(host({ uri: 'a' }), with_('canary-2')))).not.toContain('canary');
    expect(JSON.stringify(audit(with_('canary-1'), host({ uri: 'a' })))).not.toContain('canary');
  });

  it('tells requests, overrides and deletes from other updates', () => {
    const old = host({ uri: 'a' });
    expect(audit(old, host({ uri: 'a' }, { requests: { reboot: 't1' } })).op).toBe('request');
    expect(audit(old, host({ uri: 'a' }, { overrides: { paused: { value: true, by: 'anna', until: null } } })).op).toBe(
      'override',
    );
    expect(audit(old, host({ uri: 'b' }, { requests: { reboot: 't1' } })).op).toBe('update');
    expect(audit(old, host({ uri: 'a' }, { deletedAt: '2026-01-02T03:04:05.678Z' })).op).toBe('delete');
  });
});

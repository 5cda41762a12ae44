import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BODY_LIMITS } from './body.ts';
import { type JsonLimits, jsonExcess } from './json-measure.ts';
import { MANIFESTS_MAX } from './mutations.ts';

const WIDE: JsonLimits = { values: 1_000_000, members: 1_000_000, depth: 1_000 };
const excess = (text: string, limits: Partial<JsonLimits>) => jsonExcess(Buffer.from(text), { ...WIDE, ...limits });

describe('a text of JSON', () => {
  it('is over the limit of what it has too much of', () => {
    expect(excess('[1,2,3]', { values: 3 })).toBe('values');
    expect(excess('{"a":1,"b":{"c":2,"d":3}}', { members: 1 })).toBe('members');
    expect(excess('[[[]]]', { depth: 2 })).toBe('depth');
    expect(excess('[[[]]]', { depth: 3 })).toBeNull();
  });

  it('may have long lists: members are of objects', () => {
    expect(excess(`[${'1,'.repeat(50)}1]`, { members: 10 })).toBeNull();
    expect(excess(`{"a":[${'1,'.repeat(50)}1]}`, { members: 10 })).toBeNull();
  });

  it('is not misled by what stands in a text', () => {
    expect(excess(JSON.stringify(['{[,"\\', '\\"[[[']), { values: 3, depth: 1 })).toBeNull();
    expect(excess('["\\\\",[]]', { depth: 1 })).toBe('depth');
    expect(excess('["\\"]', { depth: 1 })).toBeNull();
  });

  it('may be as many manifests as are taken at once, each with all that machines usually have', () => {
    const metadata = {
      project: 'default',
      labels: { app: 'bench', tier: 'front' },
      annotations: { purpose: 'x'.repeat(60) },
    };
    const spec = { offering: 'small', hostname: 'm', runStrategy: 'Always', stopTimeoutSeconds: 60, tags: ['a', 'b'] };
    const manifests = Array.from({ length: MANIFESTS_MAX }, (_, index) => ({
      apiVersion: 'steward/v1',
      kind: 'VirtualMachine',
      metadata: { name: `m-${index}`, ...metadata },
      spec,
    }));
    const body = Buffer.from(JSON.stringify({ query: 'mutation', variables: { manifests } }));
    expect(jsonExcess(body, BODY_LIMITS)).toBeNull();
    expect(body.length).toBeLessThan(BODY_LIMITS.bytes);
  });

  it('is measured as what it stands for, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 0, max: 6 }), (value, depth) => {
        const text = JSON.stringify(value, null, 1);
        expect(excess(text, { depth }) === 'depth').toBe(depthOf(value) > depth);
        const most = membersOf(value);
        expect(excess(text, { members: Math.max(1, most) })).toBeNull();
        if (most > 1) expect(excess(text, { members: most - 1 })).toBe('members');
      }),
      { seed: 20_261_122, numRuns: 500 },
    );
  });
});

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Math.max(own, ...Object.values(value).map(membersOf));
}

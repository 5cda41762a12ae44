import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { systemClock } from '../cmd/server/environment.ts';
import { REGISTRY } from '../resources/registry.ts';
import { MANY, MANY_MISTAKES, numbered, PIECES, repetitions } from './fixtures/hostile-texts.ts';
import { loadInTurns, loadManifests } from './load.ts';
import { parseManifests } from './parse.ts';
import { LIMITS } from './yaml-options.ts';

const paths = fc.constantFrom('a.yaml', 'a.json', 'a');
const texts = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('utf8')),
  fc.json({ maxDepth: 6 }),
);

/** Objects, or what is wrong and where; never neither of them said of something that holds a value, and never a throw. */
function isRead(path: string, text: string): void {
  const { manifests, issues } = parseManifests({ path, text });
  for (const { value, origin } of manifests) {
    expect(JSON.parse(JSON.stringify(value))).toEqual(value);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(origin.locate([{ path: '/metadata/name' }])[0]?.line).toBeGreaterThan(0);
  }
  for (const { line, column, message } of issues) {
    expect(message).not.toBe('');
    // Zero: of the whole file.
    expect(Math.min(line, column)).toBeGreaterThanOrEqual(0);
  }
}

describe('arbitrary text', () => {
  it('of any bytes, or of all that the language has, is objects or issues', () => {
    fc.assert(fc.property(paths, texts, isRead), { numRuns: 5_000 });
  });

  it('of one thing over and over, in any surrounding, is read or refused', () => {
    fc.assert(fc.property(paths, repetitions, isRead), { numRuns: 40 });
  });

  it.each(MANY)('of many %s is read or refused', (_, text) => isRead('a.yaml', text));

  it('is refused above the size and the aliases that a document may have', () => {
    const issue = (text: string) => parseManifests({ path: 'a.yaml', text }).issues[0]?.message;
    expect(issue(`a: "${'x'.repeat(LIMITS.documentBytes)}"`)).toBe(
      `the document is larger than ${LIMITS.documentBytes} bytes; split it`,
    );
    expect(issue(numbered(2_001, (i) => `- &a${i} x\n- *a${i}`))).toContain('uses more than 2000 aliases');
  });

  it.each(MANY_MISTAKES)('of many %s is refused with the first few of them', (_, text) => {
    const files = [{ path: 'a.yaml', text }];
    const { issues } = loadManifests(files, { registry: REGISTRY, project: 'default' });
    expect([issues.length > 10, issues.length < 250]).toEqual([true, true]);
  });

  it('of many documents lets others have their turn', async () => {
    const state = { turns: 0, over: false };
    const beside = (async () => {
      for (; !state.over; state.turns += 1) await new Promise((resolve) => setImmediate(resolve));
    })();
    const text = Array.from({ length: 8 }, (_, i) => `kind: Nope${i}\na: ${'x'.repeat(70_000)}`).join('\n---\n');
    await loadInTurns([{ path: 'a.yaml', text }], { registry: REGISTRY, project: 'default' }, systemClock);
    state.over = true;
    await beside;
    expect(state.turns).toBeGreaterThanOrEqual(8);
  });

  it('is not copied by merging beyond what a document may stand for', () => {
    const bomb = `m0: &m0 {x: 1}\n${numbered(40, (i) => `m${i + 1}: &m${i + 1} {<<: [*m${i}, *m${i}]}`)}`;
    expect(parseManifests({ path: 'a.yaml', text: bomb })).toMatchObject({
      manifests: [],
      issues: [{ message: expect.stringContaining('its merge keys (<<) cannot be expanded') }],
    });
  });

  it('names every repeated key where it stands, also one that another spelling writes', () => {
    const text = 'a: 1\nb:\n  c: 1\n  "c": 2\n1: x\n"1": y\na: 2\n';
    expect(parseManifests({ path: 'a.yaml', text }).issues.map(({ line, message }) => [line, message])).toEqual([
      [4, 'the field "c" is written twice; keep one'],
      [6, 'the field "1" is written twice; keep one'],
      [7, 'the field "a" is written twice; keep one'],
    ]);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { systemClock } from '../cmd/server/environment.ts';
import { REGISTRY } from '../resources/registry.ts';
import { loadInTurns, loadManifests } from './load.ts';
import { parseManifests } from './parse.ts';
import { LIMITS } from './yaml-options.ts';

const PIECES = [
  '---',
  '...',
  '\n',
  '\n  ',
  '\n    ',
  ' ',
  '\t',
  '- ',
  '? ',
  ': ',
  ', ',
  '[',
  ']',
  '{',
  '}',
  '&a ',
  '*a',
  '&b ',
  '*b',
  '<<: ',
  '<<: *a',
  '!',
  '!!str ',
  '!!binary ',
  '!!js/function ',
  '%YAML 1.1\n',
  '%TAG ! tag:a,2000:\n',
  '|',
  '>-',
  '|9\n',
  '"',
  "'",
  '\\',
  '\\x41',
  '\\ud800',
  '#',
  ' # c\n',
  'kind: List\nitems:\n',
  'a',
  'k: ',
  '__proto__: ',
  'constructor: ',
  '"__proto__": ',
  '1e400',
  '-.inf',
  '.nan',
  '0x1fffffffffffffffff',
  '99999999999999999999',
  '0o7',
  '1_000',
  '2026-02-30',
  '~',
  '\r',
  '\r\n',
  '\u0000',
  '\u0085',
  '\u2028',
  '\uFEFF',
  '\ud800',
  '\u202e',
  '𝒳',
];
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

/** Milliseconds of CPU, so that a busy machine is no slow parser. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const SIZE = LIMITS.documentBytes;
const repeated = (unit: string) => unit.repeat(Math.floor((SIZE - 100) / Buffer.byteLength(unit)));
const numbered = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');

describe('arbitrary text', () => {
  it('of any bytes, or of all that the language has, is objects or issues', () => {
    fc.assert(fc.property(paths, texts, isRead), { numRuns: 5_000 });
  });

  it('of one thing over and over, in any surrounding, takes no second', () => {
    const around = fc.constantFrom<[string, string]>(
      ['', ''],
      ['a: ', ''],
      ['a: "', '"'],
      ['a: |\n ', ''],
      ['{a: ', '}'],
      ['- ', ''],
    );
    const units = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(paths, around, units, (path, [before, after], unit) => {
        const text = before + repeated(unit) + after;
        expect(cpuMs(() => void parseManifests({ path, text }))).toBeLessThan(1_000);
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['keys of one map', numbered(16_000, (i) => `k${i}:`)],
    ['keys that are numbers', numbered(14_000, (i) => `${i}: 1`)],
    ['keys in brackets', `{${Array.from({ length: 11_000 }, (_, i) => `k${i}: 1`).join(', ')}}`],
    ['dashes and question marks', `a: ${repeated('- ? ')}`],
    ['merges of merges', `m0: &m0 {x: 1}\n${numbered(40, (i) => `m${i + 1}: &m${i + 1} {<<: [*m${i}, *m${i}]}`)}`],
    ['merges in a chain', `m0: &m0 {x: 1}\n${numbered(2_000, (i) => `m${i + 1}: &m${i + 1} {<<: *m${i}}`)}`],
    ['merges of a large map', `b: &b {${numbered(5_000, (i) => `k${i}: 1,`)}}\nc: {<<: [${'*b, '.repeat(1_000)}]}`],
    ['merges without end', 'a: &a {b: {<<: *a}}'],
    ['many merges', `b: &b {x: 1}\nm:\n  <<: [${repeated('*b, ')}]`],
    ['aliases', numbered(1_990, (i) => `- &a${i} x\n- *a${i}`)],
    ['aliases of one thing', `b: &b {x: 1}\nm: [${repeated('*b, ')}]`],
    ['anchors', `${numbered(6_500, (i) => `- &a${i} x`)}\n${'- *a0\n'.repeat(1_500)}`],
    ['items of a list', `kind: List\nitems:\n${numbered(30_000, () => '- 1')}`],
    [
      'objects of a list',
      `kind: List\nitems:\n${numbered(2_700, (i) => `- {kind: Project, metadata: {name: p${i}}}`)}`,
    ],
    ['numbers of JSON', JSON.stringify({ a: Array.from({ length: 22_000 }, (_, i) => i) })],
  ])('of many %s takes no second', (_, text) => {
    expect(cpuMs(() => void parseManifests({ path: 'a.yaml', text }))).toBeLessThan(1_000);
  });

  it('is refused above the size and the aliases that a document may have', () => {
    const issue = (text: string) => parseManifests({ path: 'a.yaml', text }).issues[0]?.message;
    expect(issue(`a: "${'x'.repeat(SIZE)}"`)).toBe(`the document is larger than ${SIZE} bytes; split it`);
    expect(issue(numbered(2_001, (i) => `- &a${i} x\n- *a${i}`))).toContain('uses more than 2000 aliases');
  });

  it.each([
    ['fields that are none', `{${numbered(9_500, (i) => `k${i}: 1,`)}}`],
    [
      'fields of a spec that are none',
      `{kind: Project, metadata: {name: a}, spec: {${numbered(9_500, (i) => `k${i}: 1,`)}}}`,
    ],
    ['labels that are none', `{kind: Project, metadata: {name: a, labels: {${numbered(8_500, (i) => `k ${i}: 1,`)}}}}`],
    ['kinds that are none', `kind: List\nitems:\n${numbered(5_900, (i) => `- {kind: Nope${i}}`)}`],
  ])('of many %s is refused within a second, with the first few of them', (_, text) => {
    const files = [{ path: 'a.yaml', text: text.slice(0, SIZE) }];
    let issues = 0;
    const load = () => {
      issues = loadManifests(files, { registry: REGISTRY, project: 'default' }).issues.length;
    };
    expect(cpuMs(load)).toBeLessThan(1_000);
    expect([issues > 10, issues < 250]).toEqual([true, true]);
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

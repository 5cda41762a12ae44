import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseManifests } from './parse.ts';

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

const SIZE = 64 * 1024;
const repeated = (unit: string) => unit.repeat(Math.ceil(SIZE / unit.length));
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
      { numRuns: 100 },
    );
  });

  it.each([
    ['keys of one map', numbered(8_000, (i) => `k${i}:`)],
    ['keys that are numbers', numbered(8_000, (i) => `${i}: 1`)],
    ['keys in brackets', `{${Array.from({ length: 8_000 }, (_, i) => `k${i}: 1`).join(', ')}}`],
    ['dashes and question marks', `a: ${repeated('- ? ')}`],
    ['merges of merges', `m0: &m0 {x: 1}\n${numbered(40, (i) => `m${i + 1}: &m${i + 1} {<<: [*m${i}, *m${i}]}`)}`],
    ['merges in a chain', `m0: &m0 {x: 1}\n${numbered(2_000, (i) => `m${i + 1}: &m${i + 1} {<<: *m${i}}`)}`],
    ['merges of a large map', `b: &b {${numbered(5_000, (i) => `k${i}: 1,`)}}\nc: {<<: [${'*b, '.repeat(1_000)}]}`],
    ['merges without end', 'a: &a {b: {<<: *a}}'],
    ['many merges', `b: &b {x: 1}\nm:\n  <<: [${repeated('*b, ')}]`],
    ['aliases', numbered(3_000, (i) => `- &a${i} x\n- *a${i}`)],
  ])('of many %s takes no second', (_, text) => {
    expect(cpuMs(() => void parseManifests({ path: 'a.yaml', text }))).toBeLessThan(1_000);
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

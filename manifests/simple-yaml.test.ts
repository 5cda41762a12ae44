import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDocument } from 'yaml';
import { splitDocuments } from './documents.ts';
import { readSimpleYaml } from './simple-yaml.ts';
import { YAML_OPTIONS } from './yaml-options.ts';

/** What the whole language makes of a text; undefined where it finds anything wrong. */
function real(text: string): unknown {
  const document = parseDocument(text, YAML_OPTIONS);
  if (document.errors.length + document.warnings.length > 0) return undefined;
  return document.toJS();
}

const SCALARS = [
  'web',
  'true',
  'True',
  'null',
  '~',
  '',
  '7',
  '-7',
  '0',
  '00',
  '010',
  '0x1f',
  '0o17',
  '1e3',
  '1.5',
  '.5',
  '5.',
  '-',
  '- a',
  '1_000',
  '10.0.0.1',
  '10.0.0.0/24',
  '1.2.3',
  '2026-01-31',
  '2026-01-31T12:00:00Z',
  '12:30',
  '52:54:00:12:34:56',
  '5GiB',
  '3abc',
  '3f',
  '0b1',
  'a: b',
  'a:b',
  'a:',
  'a #b',
  'a#b',
  '#a',
  'a  b',
  'ssh-ed25519 AAAA+/= me@home',
  '"quoted"',
  "'quoted'",
  '"a\\nb"',
  "'it''s'",
  '"a" b',
  '[]',
  '{}',
  '[a]',
  '{a: b}',
  '&x a',
  '*x',
  '!t a',
  '| ',
  '|',
  '>',
  '@a',
  '`a',
  '%a',
  'a, b',
  '(a)',
  '=',
  '<<',
  'y',
  'no',
  '.inf',
  '.nan',
  '-.5',
  '+1',
  '? a',
  '"#"',
  '12345678901234567890',
  '/a/b',
  '.hidden',
  '..',
  'é',
  'a\tb',
  'https://a.example/b?c',
  'get:*',
  'D-{year}-{n:6}',
  'a[0]',
  '[a, b]',
  '[1, true, x.y]',
  '[a,b]',
  '[-]',
  '[a, ]',
  '[01]',
  'a & b',
  'a!',
  '2030-12',
  '1e',
  '0xg',
  '.5e3',
  '-0',
  '1-2',
  '0.0',
  '1.',
];
const KEYS = ['a', 'name', 'b.c/d-e', 'true', 'null', '1', '"a"', 'a b', '<<', '-a', 'A_1', '__proto__', 'constructor'];

/** Texts near the border of what is simple: mostly well made, with mistakes in them. */
const texts = fc
  .array(
    fc.record({
      indent: fc.constantFrom(0, 0, 0, 1, 2, 2, 2, 3, 4, 4, 6),
      dash: fc.constantFrom('', '', '', '- ', '-', '-   ', '- - '),
      key: fc.option(fc.constantFrom(...KEYS), { freq: 6 }),
      colon: fc.constantFrom(': ', ': ', ': ', ':', ' : ', ':  '),
      value: fc.constantFrom(...SCALARS, '', '', '', ''),
      end: fc.constantFrom('', '', '', '', ' ', ' # c', '\r', '\n# c', '\n', '\n\t', '\n---', '\n  # c'),
    }),
    { maxLength: 7 },
  )
  .map((lines) =>
    lines
      .map(
        ({ indent, dash, key, colon, value, end }) =>
          `${' '.repeat(indent)}${dash}${key === null ? value : `${key}${colon}${value}`}${end}`,
      )
      .join('\n'),
  );

type Tree = string | { list: Tree[] } | { map: [string, Tree][] };

/** Well-made texts: blocks within blocks, with comments and the indentations that people use. */
const trees = fc.letrec<{ tree: Tree; map: Tree; list: Tree }>((tie) => ({
  tree: fc.oneof({ maxDepth: 4 }, fc.constantFrom(...SCALARS), tie('map'), tie('list')),
  map: fc.record({
    map: fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'name', 'b.c/d-e', 'A_1', 'x'), tie('tree')), {
      minLength: 1,
      maxLength: 4,
      selector: ([key]) => key,
    }),
  }),
  list: fc.record({ list: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
})).map;

const printed = fc
  .record({ tree: trees, step: fc.constantFrom(1, 2, 2, 4), flat: fc.boolean(), comments: fc.boolean() })
  .map(({ tree, step, flat, comments }) => {
    const print = (value: Tree, indent: number): string => {
      const pad = ' '.repeat(indent);
      if (typeof value === 'string') return value === '' ? '' : ` ${value}`;
      if ('list' in value) return value.list.map((item) => `\n${pad}-${inItem(item, indent)}`).join('');
      return value.map.map(([key, item]) => `\n${pad}${key}:${below(item, indent)}`).join('');
    };
    const below = (item: Tree, indent: number) => {
      const note = comments && typeof item !== 'string' ? ' # note\n\n  # more' : '';
      const list = typeof item !== 'string' && 'list' in item;
      return note + print(item, list && flat ? indent : indent + step);
    };
    const inItem = (item: Tree, indent: number) => {
      if (typeof item === 'string' || 'list' in item) return print(item, indent + step);
      return ` ${print(item, indent + 2).trimStart()}`;
    };
    return `---${print(tree, 0)}\n`;
  });

function agreements(source: fc.Arbitrary<string>): number {
  let read = 0;
  fc.assert(
    fc.property(source, (text) => {
      const simple = readSimpleYaml(text);
      if (simple === undefined) return;
      read++;
      expect({ text, value: simple }).toEqual({ text, value: real(text) });
    }),
    { numRuns: 5_000 },
  );
  return read;
}

describe('the quick way to read plain YAML', () => {
  it('says the same as the whole language, or nothing, of texts full of mistakes', () => {
    expect(agreements(texts)).toBeGreaterThan(50);
  });

  it('and of well-made ones, many of which it can read', () => {
    expect(agreements(printed)).toBeGreaterThan(200);
  });

  it.each(SCALARS)('agrees on the value %j', (value) => {
    for (const text of [`a: ${value}`, `a:\n  - ${value}\nb: 1`, `- a: ${value}\n  b: 2\n`]) {
      const simple = readSimpleYaml(text);
      if (simple !== undefined) expect({ text, value: simple }).toEqual({ text, value: real(text) });
    }
  });

  it('reads nearly all examples', () => {
    const files = readdirSync(join(import.meta.dirname, 'examples'), { recursive: true, encoding: 'utf8' });
    const documents = files
      .filter((file) => file.endsWith('.yaml'))
      .flatMap((file) => splitDocuments(readFileSync(join(import.meta.dirname, 'examples', file), 'utf8')));
    const read = documents.filter(({ text }) => {
      const simple = readSimpleYaml(text);
      if (simple !== undefined) expect(simple).toEqual(real(text));
      return simple !== undefined;
    });
    expect(read.length / documents.length).toBeGreaterThan(0.8);
  });

  it('reads a manifest as people write it', () => {
    const text = `---
# A machine.
apiVersion: steward/v1
kind: VirtualMachine
metadata:
  name: web
  labels:
    app: "web"
spec:
  cpus: 2
  nics:
  - network: lan
    ip: 10.0.0.5
  disks:
    - volume: root
      boot: true

    - volume: data
`;
    expect(readSimpleYaml(text)).toEqual(real(text));
    expect(readSimpleYaml(text)).toMatchObject({ spec: { nics: [{ ip: '10.0.0.5' }], disks: [{ boot: true }, {}] } });
  });
});

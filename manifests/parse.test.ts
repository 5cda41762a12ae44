import { describe, expect, it } from '@jest/globals';
import { issueText } from './issue.ts';
import { parseManifests } from './parse.ts';

const read = (text: string, path = 'web.yaml') => parseManifests({ path, text });
const errorsOf = (text: string, path?: string) => read(text, path).issues.map(issueText);
const namesOf = (text: string, path?: string) =>
  read(text, path).manifests.map((m) => (m.value.metadata as { name: string }).name);

describe('documents of a file', () => {
  it('reads many documents, skipping empty ones and comments', () => {
    const text = '# head\n---\nmetadata: {name: a}\n---\n# nothing\n---\n\n--- # next\nmetadata: {name: b}\n...\n';
    expect(namesOf(text)).toEqual(['a', 'b']);
    expect(read(text).issues).toEqual([]);
  });

  it('knows the line on which every document and field starts', () => {
    const second = read('metadata: {name: a}\n---\n\nmetadata:\n  name: b\n  labels: {x: y}\n').manifests[1];
    expect(
      second?.origin.locate([{ path: '/metadata/name' }, { path: '/metadata/labels/x' }, { path: '/metadata/gone' }]),
    ).toEqual([
      { line: 5, column: 9, source: 'b' },
      { line: 6, column: 15, source: 'y' },
      { line: 4, column: 1, source: null },
    ]);
  });

  it('takes `---` inside text for text when it is indented, as YAML does', () => {
    const [only] = read('metadata: {name: a}\nspec:\n  text: |\n    one\n    ---\n    two\n').manifests;
    expect(only?.value.spec).toEqual({ text: 'one\n---\ntwo\n' });
  });

  it('reads a byte order mark, Windows line ends and a YAML 1.2 directive', () => {
    expect(
      namesOf('\uFEFF%YAML 1.2\r\n---\r\nmetadata:\r\n  name: a\r\n...\r\n%YAML 1.2\r\n---\r\nmetadata: {name: b}\r\n'),
    ).toEqual(['a', 'b']);
  });

  it('opens Lists and says which item is none', () => {
    const text = 'kind: List\nitems:\n  - metadata: {name: a}\n  - 7\n  - kind: List\n    items: []\n';
    expect(namesOf(text)).toEqual(['a']);
    expect(errorsOf(text)).toEqual([
      'web.yaml:4:5: items[1]: is not a manifest: a List holds manifests, and no Lists',
      'web.yaml:5:5: items[2]: is not a manifest: a List holds manifests, and no Lists',
    ]);
    expect(errorsOf('kind: List\n')).toEqual(['web.yaml:1:1: items: a List needs "items": a list of manifests']);
  });

  it('reads JSON, tabs included, with positions', () => {
    const text = '{\n\t"kind": "Network",\n\t"metadata": {"name": "a"}\n}\n';
    expect(namesOf(text, 'a.json')).toEqual(['a']);
    expect(read(text, 'a.json').manifests[0]?.origin.locate([{ path: '/metadata/name' }])).toEqual([
      { line: 3, column: 23, source: 'a' },
    ]);
    expect(errorsOf('{"a": 1,\n "b": ]}', 'a.json')[0]).toMatch(/^a\.json:2:\d: is not JSON: /);
    const flaw = 'texts and names stand in double quotes, and there are no comments';
    expect(errorsOf('{a: 1}', 'a.json')).toEqual([`a.json:1:2: is not JSON: found "a: 1}"; ${flaw}`]);
    expect(errorsOf('{"a": "b\\n",\n // c\n"b": 1}', 'a.json')).toEqual([
      `a.json:2:2: is not JSON: found "// c"; ${flaw}`,
    ]);
    expect(errorsOf('{"a": [1, 02]}', 'a.json')).toEqual([`a.json:1:11: is not JSON: found "02]}"; ${flaw}`]);
    const comma = 'is not JSON: a comma with nothing after it; take it out';
    expect(errorsOf('{"a": {"b": 1,\n},\n}', 'a.json')).toEqual([`a.json:1:14: ${comma}`]);
    expect(errorsOf(`{"a": [${'1,'.repeat(20_000)}]}`, 'a.json')).toEqual([`a.json:1:40007: ${comma}`]);
    expect(errorsOf('{"a": 1, "a": 2}', 'a.json')).toEqual(['a.json:1:10: the field "a" is written twice; keep one']);
  });
});

describe('values', () => {
  it('follows YAML 1.2: `no` is a word, `010` is ten', () => {
    expect(read('a: no\nb: 010\nc: 1e3\nd: "1"\ne: ~').manifests[0]?.value).toEqual({
      a: 'no',
      b: 10,
      c: 1000,
      d: '1',
      e: null,
    });
  });

  it('expands anchors and merges, each use its own copy', () => {
    const value = read('base: &b {x: {y: 1}}\none: *b\ntwo: {<<: *b, z: 2}\n').manifests[0]?.value as Record<
      string,
      { x: object }
    >;
    expect(value).toEqual({ base: { x: { y: 1 } }, one: { x: { y: 1 } }, two: { x: { y: 1 }, z: 2 } });
    expect(value.one?.x).not.toBe(value.base?.x);
  });

  it('lets one anchor be used a thousand times', () => {
    const uses = Array.from({ length: 1000 }, () => '  - *l\n').join('');
    expect(read(`l: &l {app: web}\nitems:\n${uses}`).issues).toEqual([]);
  });

  it.each([
    [
      'numbers without end',
      'a: .inf',
      'web.yaml:1:4: a: is not a finite number; write a number or put quotes around text',
    ],
    [
      'integers that lose digits',
      'a: 12345678901234567890',
      'web.yaml:1:4: a: is too large for a whole number; put quotes around it if it is text',
    ],
    ['doubled fields', 'a: 1\nb: 2\na: 3\n', 'web.yaml:3:1: the field "a" is written twice; keep one'],
    [
      'prototype games',
      'x: {"__proto__": {y: 1}}',
      'web.yaml:1:4: x: has a field named "__proto__", which is not allowed',
    ],
    [
      'other YAML versions',
      '%YAML 1.1\n---\na: no\n',
      'web.yaml:1:1: asks for another YAML version; manifests are YAML 1.2',
    ],
    ['lone values', 'hello', 'web.yaml:1:1: is not a manifest: expected fields like "kind", "metadata" and "spec"'],
    ['binary files', 'a\0b', 'web.yaml: holds binary data, not text; keep manifests in UTF-8'],
  ])('refuses %s', (_, text, error) => expect(errorsOf(text)).toEqual([error]));

  it('refuses tags, which could make anything', () => {
    expect(errorsOf('a: !!js/function "x"')[0]).toMatch(/^web\.yaml:1:4: .*manifests use no tags$/);
  });

  it('names every syntax error of every document', () => {
    expect(errorsOf('a: [1\n---\nb: 2\n---\nc: "x\n').map((e) => e.split(':')[1])).toEqual(['2', '6']);
  });
});

describe('hostile text', () => {
  const refusedQuickly = (text: string) => {
    const { manifests, issues } = read(text);
    expect(manifests).toEqual([]);
    return issues.map(issueText).join('\n');
  };

  it('refuses alias bombs, those of maps, of merges and of flat text', () => {
    const levels = 'abcdefghijklmnop'.split('');
    const bomb = (body: (previous: string) => string) =>
      levels
        .map((l, i) => `${l}: &${l} ${i === 0 ? '[x, x, x, x, x, x, x, x, x]' : body(levels[i - 1] ?? '')}`)
        .join('\n');
    expect(refusedQuickly(bomb((p) => `[*${p}, *${p}, *${p}, *${p}, *${p}, *${p}, *${p}, *${p}, *${p}]`))).toContain(
      'cannot be expanded',
    );
    expect(
      refusedQuickly(bomb((p) => `{a: *${p}, b: *${p}, c: *${p}, d: *${p}, e: *${p}, f: *${p}, g: *${p}}`)),
    ).toContain('cannot be expanded');
    const flat = `t: &t "${'x'.repeat(100_000)}"\nu: [${Array(50).fill('*t').join(', ')}]`;
    expect(refusedQuickly(flat)).toContain('stands for more than 4194304 characters');
  });

  it('refuses endless nesting of brackets and of dashes', () => {
    expect(refusedQuickly('['.repeat(100_000))).toContain('nested deeper than 64 levels');
    expect(refusedQuickly(`${'- '.repeat(5_000)}x`)).toMatch(/nested/);
    expect(refusedQuickly(`a: ${'{b: '.repeat(80)}1${'}'.repeat(80)}`)).toContain('nested deeper than 64 levels');
  });

  it('refuses documents and files beyond their size', () => {
    expect(refusedQuickly(`a: "${'x'.repeat(1024 * 1024)}"`)).toContain('the document is larger than 131072 bytes');
    const small = {
      fileBytes: 100,
      documentBytes: 50,
      aliases: 9,
      documentValues: 3,
      documentCharacters: 99,
      depth: 9,
      documents: 2,
      issues: 9,
    };
    const errors = (text: string) => parseManifests({ path: 'f', text }, small).issues.map(issueText);
    expect(errors('a'.repeat(101))).toEqual(['f: is larger than 100 bytes; split it into several files']);
    expect(errors('a: 1\n---\na: 1\n---\na: 1')).toEqual(['f: holds more than 2 documents; split it']);
    expect(errors('a: [1, 2, 3]')).toEqual(['f:1:8: a[1]: the document stands for more than 3 values; split it']);
  });

  it('names the place of what no field can be called, of an alias of nothing, and of bytes that are no UTF-8', () => {
    expect(errorsOf('kind: Network\nmetadata:\n  name: {{ .Values.name }}\n')).toEqual([
      expect.stringMatching(
        /^web\.yaml:3:10: a map or a list cannot be the name of a field; .*fill in a \{\{ template/,
      ),
    ]);
    expect(errorsOf('a: 1\nb: [*x, *x]\nc: {<<: *y}\nd: &x 1\n').map((e) => e.slice(0, 31))).toEqual([
      'web.yaml:2:5: *x stands for not',
      'web.yaml:2:9: *x stands for not',
      'web.yaml:3:9: *y stands for not',
    ]);
    const latin1 = Buffer.from('a: 1\nb: caf\u00e9', 'latin1').toString('utf8');
    expect(errorsOf(latin1)).toEqual([
      'web.yaml:2:7: is no text in UTF-8 here (Latin-1, perhaps); save the file as UTF-8',
    ]);
  });

  it('survives any bytes', () => {
    const pieces = [
      '---',
      '\n',
      '&a',
      '*a',
      '<<:',
      '{',
      '}',
      '[',
      ']',
      '- ',
      '"',
      "'",
      '|',
      '>',
      '%YAML',
      '!x',
      ':',
      '#',
      '\t',
      '  ',
      'k',
      '\u{1F600}',
    ];
    let state = 42;
    const next = () => (state = (state * 1103515245 + 12345) % 2147483648);
    for (let run = 0; run < 2000; run++) {
      const text = Array.from({ length: 12 }, () => pieces[next() % pieces.length]).join('');
      for (const issue of read(text).issues) expect(issue.line).toBeGreaterThan(0);
    }
  });
});

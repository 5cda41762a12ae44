import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isLetter, LETTERS, variablesOf } from './catalogue.ts';
import { lintLetter } from './lint.ts';
import { readMessage } from './message.ts';
import { readerOf } from './reader.ts';
import { renderLetter } from './render.ts';
import { LANGUAGES, wordsFor } from './words.ts';

const brand = { name: 'Example Cloud', url: 'https://cloud.example', support: 'help@cloud.example' };
const names = Object.keys(LETTERS).filter(isLetter);
const texts = names.flatMap((name) =>
  Object.entries(LANGUAGES).map(([locale, words]) => ({ name, locale, text: words[name] })),
);
const used = (text: { subject: string; body: string }) =>
  [text.subject, ...text.body.split('\n\n')].flatMap((piece) => {
    const read = readMessage(piece);
    return 'fault' in read ? [read.fault] : read.arguments.map(({ name }) => name);
  });

describe('every letter of the product', () => {
  it('is there in eight languages, and in no other', () => {
    expect(Object.keys(LANGUAGES)).toEqual(['en', 'de', 'es', 'fr', 'ja', 'ko', 'pt-BR', 'zh-CN']);
    for (const words of Object.values(LANGUAGES)) expect(Object.keys(words).sort()).toEqual([...names].sort());
  });

  it.each(texts)('$name ($locale) passes its own lint and is filled by its sample', ({ name, locale, text }) => {
    expect(lintLetter(text, variablesOf(name))).toEqual([]);
    const variables = { values: LETTERS[name].sample, types: variablesOf(name) };
    const rendered = renderLetter(text, { variables, brand, reader: { locale, zone: 'Asia/Tokyo' } });
    expect(rendered.subject).toMatch(/\S/);
    for (const part of [rendered.subject, rendered.text, rendered.html])
      expect(part).not.toMatch(/[{}]|undefined|\dT\d/);
  });

  it.each(texts)('$name ($locale) uses every variable that it documents, as the English one does', ({ name, text }) => {
    expect(Object.keys(LETTERS[name].sample).filter((variable) => !used(text).includes(variable))).toEqual([]);
    expect([...new Set(used(text))].sort()).toEqual([...new Set(used(wordsFor(name, 'en')))].sort());
  });
});

describe('a letter', () => {
  const text = { subject: 'For {name}', body: 'Hello {name}\n\n[Go]({link})' };
  const render = (name: string, link = 'https://cloud.example/') =>
    renderLetter(text, { variables: { values: { name, link }, types: {} }, brand, reader: readerOf({}) });

  it('says the same as plain text and as HTML', () => {
    expect(render('Sam').text).toBe('Hello Sam\n\nGo:\nhttps://cloud.example/\n');
    expect(render('Sam').html).toContain('<a href="https://cloud.example/"');
  });

  it('takes no markup, link or header line from a value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (tail) => {
        const { subject, html } = render(
          `<img src=x>\r\nBcc: all@cloud.example\n\n[Win](https://evil.example) {{ brand.url }} {brandUrl} '{'${tail}`,
        );
        expect(subject).not.toMatch(/[\r\n]/);
        expect(html).not.toContain('<img');
        expect(html.match(/<a href=/g)).toHaveLength(1);
        expect(html).not.toContain('https://cloud.example"><img');
      }),
    );
  });

  it('refuses a link that is no web address', () => {
    expect(() => render('Sam', 'javascript:alert(1)')).toThrow('web address');
  });

  it.each([
    ['de-AT', 'Bestätigen Sie', 'de-AT'],
    ['pt', 'Confirme', 'pt'],
    ['zh-TW', '请确认', 'zh-TW'],
    ['sv', 'Confirm', 'en'],
  ])('is read in %s as well as can be, with the dates and amounts of its language', (asked, begin, locale) => {
    const words = wordsFor('VerifyEmail', asked);
    expect(words.subject.startsWith(begin)).toBe(true);
    expect(words.locale).toBe(locale);
  });
});

const KNOWN = { name: 'text', count: 'number', total: 'money', on: 'day' } as const;

describe('lint', () => {
  const lint = (subject: string, body = 'Hello') => lintLetter({ subject, body }, KNOWN);

  it('names an unknown variable, its place, and those that there are', () => {
    const message = 'There is no variable "nmae" here; there are';
    expect(lint('For {nmae}')).toEqual([
      {
        path: '/subject',
        message: `line 1, column 5: ${message} brand, brandUrl, support, hasSupport, name, count, total, on`,
      },
    ]);
    expect(lint('For {{ nmae }}')[0]?.message).toBe(`${message} brand, name, count, total, on`);
    expect(lint('For {count, plural, one {{nmae}} other {#}}')[0]?.message).toContain(`column 26: ${message}`);
  });

  it.each([
    ['a brace that is not closed', 'Hello {name', 'line 1, column 7: a "{" is not closed'],
    ['a choice without an end', '{count, plural, one {#}}', 'no branch "other {…}"'],
    ['a number that is a text', '{name, plural, other {#}}', 'write {name}'],
    ['a date that is money', '{total, date, long}', 'neither a day nor an instant'],
    ['a style that there is not', '{on, date, lng}', 'no style "lng"'],
    ['a currency that there is not', '{count, number, ::currency/x}', 'urrency'],
    ['two languages in one', '{{ name }} has {count, plural, other {#}}', 'mixes two'],
    ['an open tag', 'Hello {{ name', expect.any(String)],
    ['an unknown filter', 'Hello {{ name | shout }}', 'shout'],
    ['an unknown tag', '{% include "passwd" %}', 'include'],
    ['a link to a script', '[Go](javascript:alert)', 'must begin with https://'],
    ['a fault in a later paragraph', 'One\n\nTwo {', 'paragraph 2: line 1'],
  ])('refuses %s', (_what, body, why) => {
    expect(lint('Hello', body)).toEqual([
      { path: '/body', message: typeof why === 'string' ? expect.stringContaining(why) : why },
    ]);
  });

  it('never breaks on what people write, and what it lets pass can be rendered', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '{{',
      '}}',
      "'",
      'name',
      ',',
      ' plural',
      'one',
      'other',
      '#',
      '{%',
      '<b>',
      'x',
    );
    const filled = { name: 'Sam', count: '3', total: '1.00 EUR', on: '2026-01-31' };
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = { subject: parts.join(''), body: 'Hello' };
        if (lintLetter(text, KNOWN).length > 0) return;
        renderLetter(text, { variables: { values: filled, types: KNOWN }, brand, reader: readerOf({}) });
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it('refuses a subject of two lines', () => {
    expect(lint('one\ntwo')).toEqual([{ path: '/subject', message: 'must be one line' }]);
  });
});

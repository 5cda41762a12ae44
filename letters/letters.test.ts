import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LETTERS, textFor } from './catalogue.ts';
import { lintLetter } from './lint.ts';
import { renderLetter } from './render.ts';

const brand = { name: 'Example Cloud', url: 'https://cloud.example', support: 'help@cloud.example' };
const texts = Object.entries(LETTERS).flatMap(([name, { texts, sample }]) =>
  Object.entries(texts).map(([locale, text]) => ({ name: `${name} (${locale})`, text, sample })),
);

describe('every letter of the product', () => {
  it.each(texts)('$name passes its own lint and is filled by its sample', ({ text, sample }) => {
    expect(lintLetter(text, Object.keys(sample))).toEqual([]);
    const rendered = renderLetter(text, sample, brand);
    expect(rendered.subject).toMatch(/\S/);
    for (const part of [rendered.subject, rendered.text, rendered.html]) expect(part).not.toMatch(/\{\{|\{%|undefined/);
  });

  it.each(texts)('$name uses every variable that it documents', ({ text, sample }) => {
    const unused = Object.keys(sample).filter((variable) => !`${text.subject}${text.body}`.includes(variable));
    expect(unused).toEqual([]);
  });
});

describe('a letter', () => {
  const text = { subject: 'For {{ name }}', body: 'Hello {{ name }}\n\n[Go]({{ link }})' };
  const render = (name: string, link = 'https://cloud.example/') => renderLetter(text, { name, link }, brand);

  it('says the same as plain text and as HTML', () => {
    expect(render('Sam').text).toBe('Hello Sam\n\nGo:\nhttps://cloud.example/\n');
    expect(render('Sam').html).toContain('<a href="https://cloud.example/"');
  });

  it('takes no markup, link or header line from a value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (tail) => {
        const { subject, html } = render(
          `<img src=x>\r\nBcc: all@cloud.example\n\n[Win](https://evil.example) {{ brand.url }}${tail}`,
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

  it('is read in the language of its reader, or in English', () => {
    const verify = LETTERS.VerifyEmail!;
    expect(textFor(verify, 'de-AT')).toBe(verify.texts.de);
    expect(textFor(verify, 'fr')).toBe(verify.texts.en);
  });
});

describe('lint', () => {
  const lint = (subject: string, body = 'Hello') => lintLetter({ subject, body }, ['name']);

  it('names an unknown variable and those that there are', () => {
    expect(lint('For {{ nmae }}')).toEqual([
      { path: '/subject', message: 'There is no variable "nmae" here; there are brand, name' },
    ]);
  });

  it.each([
    ['an open tag', 'Hello {{ name'],
    ['an unknown filter', 'Hello {{ name | shout }}'],
    ['an unknown tag', '{% include "passwd" %}'],
    ['a link to a script', '[Go](javascript:alert)'],
  ])('refuses %s', (_what, body) => {
    expect(lint('Hello', body)).toEqual([{ path: '/body', message: expect.any(String) }]);
  });

  it('refuses a subject of two lines', () => {
    expect(lint('one\ntwo')).toEqual([{ path: '/subject', message: 'must be one line' }]);
  });
});

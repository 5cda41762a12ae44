import { describe, expect, it } from '@jest/globals';
import { fillMessage } from './message.ts';
import { readerOf } from './reader.ts';
import { renderLetter } from './render.ts';

const TYPES = { count: 'number', total: 'money', on: 'day', at: 'instant' } as const;
const VALUES = {
  name: 'Sam',
  count: '2',
  total: '1234567890123456789.50 EUR',
  on: '2026-03-15',
  at: '2026-03-15T23:30:00Z',
};
const spaces = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ');
const fill = (message: string, more: { locale?: string; zone?: string; values?: object } = {}) =>
  spaces(fillMessage(message, { values: { ...VALUES, ...more.values }, types: TYPES }, readerOf(more)));

describe('a message', () => {
  it('counts as its language does', () => {
    const russian = '{count, plural, one {# файл} few {# файла} other {# файлов}}';
    const counted = ['1', '3', '5', '21'].map((count) => fill(russian, { locale: 'ru', values: { count } }));
    expect(counted).toEqual(['1 файл', '3 файла', '5 файлов', '21 файл']);
    expect(fill('{count, plural, =0 {none} one {one} other {#}}', { values: { count: '0' } })).toBe('none');
  });

  it('chooses', () => {
    const severity = (value: string) =>
      fill('{name, select, Sam {hello {name}} other {who?}}', { values: { name: value } });
    expect([severity('Sam'), severity('Kim'), severity('constructor')]).toEqual(['hello Sam', 'who?', 'who?']);
  });

  it.each([
    ['en-US', '€1,234,567,890,123,456,789.50'],
    ['de', '1.234.567.890.123.456.789,50 €'],
    ['ja', '€1,234,567,890,123,456,789.50'],
  ])('writes amounts as %s does, with every digit', (locale, amount) => {
    expect(fill('{total}', { locale })).toBe(amount);
  });

  it('writes an instant in the time zone of its reader, and a day as the same day everywhere', () => {
    const zones = ['Pacific/Kiritimati', 'Etc/GMT+12', 'UTC'];
    expect(zones.map((zone) => fill('{on}', { zone }))).toEqual(Array(3).fill('March 15, 2026'));
    expect(zones.map((zone) => fill('{on, date, short}', { zone }))).toEqual(Array(3).fill('3/15/26'));
    expect(fill('{at}', { zone: 'Asia/Tokyo', locale: 'de' })).toBe('16. März 2026 um 08:30 GMT+9');
    expect(fill('{at, time, short}', { zone: 'Asia/Tokyo' })).toBe('8:30 AM');
  });

  it('leaves what an older version wrote in words as it is', () => {
    expect(fill('{at}', { values: { at: '2026-01-31 12:30 UTC' } })).toBe('2026-01-31 12:30 UTC');
    expect(fill('{total}', { values: { total: '119.00' } })).toBe('119.00');
  });

  it('takes nothing from a value but its text', () => {
    expect(fill("it''s {name} <b>'{x}'</b>", { values: { name: '{count} <b> # {{ name }}' } })).toBe(
      "it's {count} <b> # {{ name }} <b>{x}</b>",
    );
    expect(() => fill('{constructor}')).toThrow('"constructor" has no value');
  });

  it('is written by readers who name a language or zone that is none in English and UTC', () => {
    expect(readerOf({ locale: 'en-rozaj-rozaj', zone: 'Mars/Base' })).toEqual({ locale: 'en', zone: 'UTC' });
  });
});

describe('a letter that was saved in Liquid', () => {
  const brand = { name: 'Example Cloud', url: '', support: '' };
  const render = (body: string) =>
    renderLetter(
      { subject: 'Hello', body },
      { variables: { values: VALUES, types: TYPES }, brand, reader: readerOf({ locale: 'de' }) },
    ).text.trim();

  it.each([
    ['{{ name }} of {{ brand.name }}', 'Sam of Example Cloud'],
    ["the user '{{ name }}'", "the user 'Sam'"],
    ['{% if name == "Sam" %}yes{% endif %}', 'yes'],
    ['by {{ on }}', 'by 15. März 2026'],
    ["don't {count, plural, one {{name}} other {{name} and {name}}}", "don't Sam and Sam"],
  ])('%s is still read as it was meant', (body, text) => {
    expect(render(body)).toBe(text);
  });
});

import { describe, expect, it } from '@jest/globals';
import { paintOf } from '../io.ts';
import { age, cellText, table } from './table.ts';

describe('tables', () => {
  it('stand in columns without trailing blanks, colours not counted', () => {
    const { good } = paintOf(true);
    expect(
      table(
        ['NAME', 'READY', 'AGE'],
        [
          ['web', good('yes'), '5s'],
          ['database', 'no', ''],
        ],
      ),
    ).toBe(`NAME       READY   AGE\nweb        ${good('yes')}     5s\ndatabase   no\n`);
  });

  it('count what a terminal shows: wide characters twice, marks above a letter not at all', () => {
    const rows = ['会社', 'ha\u0308', '👩‍👩‍👧'].map((name) => [name, 'yes']);
    expect(table(['NAME', 'READY'], rows)).toBe('NAME   READY\n会社   yes\nha\u0308     yes\n👩‍👩‍👧     yes\n');
  });

  it('let no control characters of strangers onto a terminal', () => {
    expect(cellText('a\u001b[31mb\nc')).toBe('a [31mb c');
    expect([cellText(''), cellText(null), cellText(undefined)]).toEqual(['-', '-', '-']);
  });

  it.each([
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [7199, '119m'],
    [7200, '2h'],
    [12_000, '3h20m'],
    [36_000, '10h'],
    [172_799, '47h'],
    [172_800, '2d'],
    [-5, '0s'],
  ])('say %i seconds as %s', (seconds, text) => {
    const from = '2026-01-01T00:00:00Z';
    expect(age(from, Date.parse(from) + seconds * 1000)).toBe(text);
  });

  it('say nothing about a time that is none', () => expect(age('', 0)).toBe('-'));
});

import { describe, expect, it } from '@jest/globals';
import { json, parameters } from './statement.ts';

describe('parameters', () => {
  it('travel as they are, whatever they hold that can be stored', () => {
    const value = { text: 'ä😀\n"\\', escaped: '\\u0000', list: [1, null, true], empty: {} };
    expect(JSON.parse(json(value))).toEqual(value);
    expect(parameters(['a', 1, null, ['b', 'ä😀']])).toEqual(['a', 1, null, ['b', 'ä😀']]);
  });

  it('show the replacement character for what cannot', () => {
    expect(JSON.parse(json({ log: 'a\0b', half: 'x\ud83d', whole: '😀' }))).toEqual({
      log: 'a\ufffdb',
      half: 'x\ufffd',
      whole: '😀',
    });
    expect(parameters(['a\0b', ['\udc00']])).toEqual(['a\ufffdb', ['\ufffd']]);
  });
});

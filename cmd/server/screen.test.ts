import { describe, expect, it } from '@jest/globals';
import { createScreen } from './screen.ts';

describe('a screen', () => {
  it('draws its block in place, whatever its height', () => {
    const { screen, picture } = seen();
    screen.show(['a waits', 'b waits', '0 of 2']);
    screen.show(['a ready', '1 of 1']);
    expect(picture()).toEqual(['a ready', '1 of 1']);
  });

  it('lets lines scroll by above it', () => {
    const { screen, picture } = seen();
    screen.say('before\n');
    screen.show(['a waits']);
    screen.say('one\ntwo\n');
    screen.show(['a ready']);
    expect(picture()).toEqual(['before', 'one', 'two', 'a ready']);
  });
});

const ESCAPE = '\u001b\\[';
const UP_AND_ERASE = new RegExp(`^${ESCAPE}(\\d+)A${ESCAPE}J`);

/** As a terminal would show it: lines, "cursor up" and "erase to the end". */
function seen() {
  const lines: string[] = [];
  const write = (text: string) => {
    const up = UP_AND_ERASE.exec(text);
    if (up) lines.splice(lines.length - Number(up[1]));
    lines.push(
      ...text
        .slice(up?.[0].length ?? 0)
        .split('\n')
        .slice(0, -1),
    );
  };
  return { screen: createScreen({ write }), picture: () => lines };
}

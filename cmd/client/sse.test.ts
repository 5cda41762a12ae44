import { describe, expect, it } from '@jest/globals';
import { readEvents } from './sse.ts';

async function events(...chunks: string[]) {
  const bytes = Buffer.from(chunks.join(''));
  async function* body() {
    // One byte at a time: no border of a chunk may matter, not even within a letter.
    for (const byte of bytes) yield Uint8Array.of(byte);
  }
  const seen = [];
  for await (const event of readEvents(body())) seen.push(event);
  return seen;
}

describe('server-sent events', () => {
  it('are read across chunks, with comments, several data lines and both line ends', async () => {
    expect(
      await events(
        ':\n\n',
        'event: next\ndata: {"a":"ü"}\n\n',
        'event: next\r\ndata: 1\r\ndata: 2\r\n\r\n',
        'event: complete\ndata:\n\n',
      ),
    ).toEqual([
      { type: 'next', data: '{"a":"ü"}' },
      { type: 'next', data: '1\n2' },
      { type: 'complete', data: '' },
    ]);
  });

  it('that are cut off are not events', async () => {
    expect(await events('event: next\ndata: 1')).toEqual([]);
  });
});

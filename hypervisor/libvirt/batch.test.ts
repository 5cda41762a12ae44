import { describe, expect, it } from '@jest/globals';
import { Batcher, pipelined, type Wanted } from './batch.ts';

/** A read that ends when it is told to. */
function controlled() {
  const reads: { wanted: Wanted; end: (value: string) => void; fail: (error: Error) => void }[] = [];
  const batcher = new Batcher<string>((wanted) => new Promise((end, fail) => reads.push({ wanted, end, fail })));
  return { reads, batcher };
}

const turn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

describe('a batch', () => {
  it('is one read for all who ask at once', async () => {
    const { reads, batcher } = controlled();
    const asked = [batcher.ask(['a']), batcher.ask(['b', 'a']), batcher.ask([])];
    await turn();
    expect(reads.map(({ wanted }) => [...(wanted ?? [])])).toEqual([['a', 'b']]);
    reads[0]?.end('seen');
    expect(await Promise.all(asked)).toEqual(['seen', 'seen', 'seen']);
  });

  it('is everything when one asks for everything', async () => {
    const { reads, batcher } = controlled();
    void batcher.ask(['a']);
    void batcher.ask(null);
    void batcher.ask(['b']);
    await turn();
    expect(reads.map(({ wanted }) => wanted)).toEqual([null]);
  });

  it('is never joined by who asks after it began', async () => {
    const { reads, batcher } = controlled();
    void batcher.ask(['a']);
    await turn();
    const late = batcher.ask(['a']);
    await turn();
    expect(reads).toHaveLength(2);
    reads[0]?.end('old');
    reads[1]?.end('new');
    expect(await late).toBe('new');
  });

  it('waits while two are under way, and all who ask meanwhile share the next', async () => {
    const { reads, batcher } = controlled();
    for (const key of ['a', 'b', 'c', 'd', 'e']) {
      batcher.ask([key]).catch(() => undefined);
      await turn();
    }
    expect(reads).toHaveLength(2);
    reads[0]?.fail(new Error('lost'));
    await turn();
    expect(reads.map(({ wanted }) => [...(wanted ?? [])])).toEqual([['a'], ['b'], ['c', 'd', 'e']]);
  });
});

describe('pipelined work', () => {
  it('keeps the order of its items and its width', async () => {
    let [running, most] = [0, 0];
    const results = await pipelined(
      Array.from({ length: 20 }, (_, index) => index),
      async (item) => {
        running += 1;
        most = Math.max(most, running);
        await turn();
        running -= 1;
        return item * 2;
      },
      4,
    );
    expect(results).toEqual(Array.from({ length: 20 }, (_, index) => index * 2));
    expect(most).toBe(4);
  });
});

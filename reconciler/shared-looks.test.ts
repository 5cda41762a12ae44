import { describe, expect, it } from '@jest/globals';
import { shareLooks } from './shared-looks.ts';

describe('a look that many take', () => {
  const room = () => {
    const asked: string[] = [];
    const waiting: ((answer: string | Error) => void)[] = [];
    const look = shareLooks(
      ({ at }: { at: string }) =>
        new Promise<string>((resolve, reject) => {
          asked.push(at);
          waiting.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
        }),
    );
    const answer = async (text: string | Error) => {
      waiting.shift()?.(text);
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    };
    return { asked, look, answer };
  };

  it('is taken twice for a thousand readers: once for the first, once for all who asked meanwhile', async () => {
    const { asked, look, answer } = room();
    const readers = Array.from({ length: 1_000 }, () => look({ at: '7' }));
    await answer('before');
    await answer('after');
    const [first, ...others] = await Promise.all(readers);
    expect(first).toBe('before');
    expect(new Set(others)).toEqual(new Set(['after']));
    expect(asked).toEqual(['7', '7']);
  });

  it('is never one that began before it was asked for', async () => {
    const { look, answer } = room();
    const early = look({ at: '7' });
    const late = look({ at: '7' });
    await answer('old');
    const later = look({ at: '7' });
    await answer('new');
    await answer('newest');
    expect(await Promise.all([early, late, later])).toEqual(['old', 'new', 'newest']);
  });

  it('is of one thing, and its failure is of those who shared it alone', async () => {
    const { asked, look, answer } = room();
    const one = look({ at: '7' });
    const another = look({ at: '8' });
    const second = look({ at: '7' });
    expect(asked).toEqual(['7', '8']);
    const failed = expect(one).rejects.toThrow('the database is away');
    await answer(new Error('the database is away'));
    await answer('eight');
    await answer('seven');
    await failed;
    expect(await Promise.all([another, second])).toEqual(['eight', 'seven']);
  });
});

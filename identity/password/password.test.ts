import { describe, expect, it } from '@jest/globals';
import { parseOptions } from '@node-rs/argon2';
import { createGate } from './gate.ts';
import { createHasher } from './hash.ts';
import { passwordIssues } from './policy.ts';

const WORDS = { minLength: 12, personal: ['anna', 'meier', 'acme'] };

describe('a password', () => {
  it.each([
    ['too short', 'k8Q-w2Zx', 'has 8 characters'],
    ['a known one with signs around it', 'P@ssw0rd2024!!', 'guessers'],
    ['a row of keys', 'qwertyuiop[]', 'guessers'],
    ['a run', '123456789012', 'guessers'],
    ['a repetition', 'aaaaaaaaaaaaaa', 'guessers'],
    ['the name of its owner', 'AnnaMeier-2024', 'guessers'],
    ['longer than anybody types', 'x7'.repeat(65), 'longer than 128'],
  ])('is refused when it is %s', (_what, password, reason) => {
    expect(passwordIssues(password, WORDS).join()).toContain(reason);
  });

  it.each(['four rivers meet at noon', 'Zx9#kq!mW2pL', 'плохая погода завтра', '正しい馬電池ホチキス長い合言葉'])(
    '%s is taken',
    (password) => {
      expect(passwordIssues(password, WORDS)).toEqual([]);
    },
  );

  it("is hashed by argon2id with OWASP's figures, and however it was typed", async () => {
    const hasher = createHasher();
    const hash = await hasher.hash('caf\u00e9 au lait, deux');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await hasher.verify(hash, 'cafe\u0301 au lait, deux')).toBe(true);
    expect(await hasher.verify(hash, 'cafe au lait, deux')).toBe(false);
    expect(parseOptions(hash).outputLen).toBe(32);
  });

  it('that was hashed with other figures is known as outdated', async () => {
    const [old, now] = [createHasher({ memoryCost: 64, timeCost: 1 }), createHasher({ memoryCost: 128, timeCost: 1 })];
    const hash = await old.hash('four rivers');
    expect([old.isOutdated(hash), now.isOutdated(hash)]).toEqual([false, true]);
    expect(await now.verify(hash, 'four rivers')).toBe(true);
  });

  it('of nobody is compared all the same, and never right', async () => {
    expect(await createHasher({ memoryCost: 64, timeCost: 1 }).verify(null, 'nobody')).toBe(false);
  });
});

describe('the gate', () => {
  it('lets a few in, has a bounded number wait, and turns the others away', async () => {
    const gate = createGate({ inside: 2, waiting: 3 });
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
      return 'done' as const;
    };
    const results = await Promise.all(Array.from({ length: 8 }, () => gate(work)));
    expect(most).toBe(2);
    expect(results.filter((result) => result === 'busy')).toHaveLength(3);
    expect(await gate(work)).toBe('done');
  });
});

import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { digest } from './digest.ts';

describe('digest', () => {
  it('is SHA-256, as the machine computes it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        expect(digest(text)).toBe(createHash('sha256').update(text).digest('hex'));
      }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DiskOfferingSpec } from '../disk-offering/kind.ts';
import { sizeOf } from './sizing.ts';

const offering = (sizes: Partial<DiskOfferingSpec>): DiskOfferingSpec => ({ tags: [], ...sizes });

describe('the size of a volume', () => {
  it.each([
    ['nothing said', {}, undefined, null, { sizeGiB: 10 }],
    ['what is written', { sizeGiB: 7 }, undefined, null, { sizeGiB: 7 }],
    ['what the image needs', {}, undefined, 3, { sizeGiB: 3 }],
    ['more than the image needs', { sizeGiB: 20 }, undefined, 3, { sizeGiB: 20 }],
    ['what the offering fixes', {}, { sizeGiB: 40 }, 3, { sizeGiB: 40 }],
    ['at least what the offering starts at', {}, { minGiB: 50 }, 3, { sizeGiB: 50 }],
    ['at most what the offering ends at', {}, { maxGiB: 5 }, null, { sizeGiB: 5 }],
  ] as const)('is %s', (_what, spec, sizes, imageGiB, expected) => {
    expect(sizeOf({ spec, offering: sizes && offering(sizes), imageGiB })).toEqual(expected);
  });

  it.each([
    ['another than the fixed', { sizeGiB: 30 }, { sizeGiB: 40 }, null, 'SizeIsFixed'],
    ['below the range', { sizeGiB: 5 }, { minGiB: 10 }, null, 'SizeNotOffered'],
    ['above the range', { sizeGiB: 50 }, { maxGiB: 40 }, null, 'SizeNotOffered'],
    ['an image above the range', {}, { maxGiB: 4 }, 8, 'SizeNotOffered'],
    ['too small for the image', { sizeGiB: 2 }, undefined, 3, 'SmallerThanImage'],
    ['a fixed size too small for the image', {}, { sizeGiB: 2 }, 3, 'SmallerThanImage'],
  ] as const)('is refused: %s', (_what, spec, sizes, imageGiB, code) => {
    expect(sizeOf({ spec, offering: sizes && offering(sizes), imageGiB })).toMatchObject({ refused: { code } });
  });

  it('once given fits the image and the offering, whatever was asked', () => {
    const gib = fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined });
    fc.assert(
      fc.property(gib, gib, gib, gib, (sizeGiB, fixed, minGiB, imageGiB) => {
        const offer = offering(fixed === undefined ? { minGiB } : { sizeGiB: fixed });
        const size = sizeOf({ spec: { sizeGiB }, offering: offer, imageGiB: imageGiB ?? null });
        if ('refused' in size) return;
        expect(size.sizeGiB).toBeGreaterThanOrEqual(Math.max(imageGiB ?? 1, fixed === undefined ? (minGiB ?? 1) : 1));
        expect(size.sizeGiB).toBe(fixed ?? sizeGiB ?? size.sizeGiB);
      }),
    );
  });
});

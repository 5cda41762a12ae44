import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NAME } from '../../reconciler/field-meta.ts';
import { imageCopyName, imageFileName, imageUidOf, volumeFileName, volumeUidOf } from './names.ts';

const uid = fc.uuid();
const volume = fc.record({
  uid,
  incarnation: fc.integer({ min: 0, max: 999_999_999 }),
  format: fc.constantFrom('qcow2' as const, 'raw' as const),
});
const image = fc.record({ uid, format: fc.constantFrom('qcow2' as const, 'raw' as const, 'iso' as const) });

describe('names of files in a pool', () => {
  it('tell whose they are, and never take one kind for another', () => {
    fc.assert(
      fc.property(volume, image, (aVolume, anImage) => {
        expect(volumeUidOf(volumeFileName(aVolume))).toBe(aVolume.uid);
        expect(imageUidOf(imageFileName(anImage))).toBe(anImage.uid);
        expect(imageUidOf(volumeFileName(aVolume))).toBeNull();
        expect(volumeUidOf(imageFileName(anImage))).toBeNull();
      }),
    );
  });

  it.each([
    'debian.qcow2',
    '.qcow2',
    'lost+found',
    '01940000-0000-7000-8000-000000000001.qcow2.part',
    '01940000-0000-7000-8000-000000000001.0.qcow2',
    '01940000-0000-7000-8000-000000000001.seed.iso',
    'x01940000-0000-7000-8000-000000000001.raw',
  ])('leave what somebody else put there alone: %s', (name) => {
    expect(volumeUidOf(name)).toBeNull();
    expect(imageUidOf(name)).toBeNull();
  });

  it('of copies are valid names of objects, and differ when image or pool do', () => {
    fc.assert(
      fc.property(uid, uid, (imageUid, poolUid) => {
        expect(imageCopyName({ imageUid, poolUid })).toMatch(NAME);
        const swapped = imageCopyName({ imageUid: poolUid, poolUid: imageUid });
        if (imageUid.slice(-12) !== poolUid.slice(-12)) expect(swapped).not.toBe(imageCopyName({ imageUid, poolUid }));
      }),
    );
  });
});

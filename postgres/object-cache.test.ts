import { describe, expect, it } from '@jest/globals';
import { wish } from '../test/contracts/store-fixture.ts';
import { createObjectCache } from './object-cache.ts';

const at = (name: string, resourceVersion: string) => {
  const object = wish({ name });
  return { ...object, metadata: { ...object.metadata, uid: name, resourceVersion } };
};

describe('the cache of objects between lists', () => {
  it('gives an object only at the version that was asked for', () => {
    const cache = createObjectCache(10);
    cache.put(at('a', '1'));
    expect(cache.get('a', '1')?.metadata.name).toBe('a');
    expect(cache.get('a', '2')).toBeUndefined();
  });

  it('keeps no more than its bound, and lets go of what was not asked for longest', () => {
    const cache = createObjectCache(2);
    cache.put(at('a', '1'));
    cache.put(at('b', '1'));
    cache.get('a', '1');
    cache.put(at('c', '1'));
    expect(['a', 'b', 'c'].map((uid) => cache.get(uid, '1') !== undefined)).toEqual([true, false, true]);
  });
});

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
    const cache = createObjectCache(4);
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) {
      cache.put(at(name, '1'));
      cache.get('a', '1');
    }
    const kept = names.filter((uid) => cache.get(uid, '1') !== undefined);
    expect(kept).toEqual(expect.arrayContaining(['a', 'e']));
    expect(kept.length).toBeLessThanOrEqual(4);
    expect(kept).not.toContain('b');
  });
});

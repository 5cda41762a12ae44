import { describe, expect, it } from '@jest/globals';
import type { StoredObject } from '../../reconciler/object.ts';
import { wish } from '../../test/contracts/store-fixture.ts';
import { createTexts } from './texts.ts';

const named = (name: string): StoredObject => wish({ name });

describe('the texts of objects', () => {
  it('belong to the very object: one that is shown with something left out has another', () => {
    const texts = createTexts(10_000)();
    const whole = named('a');
    texts.put(whole, 'everything');
    expect(texts.get(whole)).toBe('everything');
    expect(texts.get({ ...whole, status: { ...whole.status, conditions: [] } })).toBeUndefined();
  });

  it('belong to one selection', () => {
    const newTexts = createTexts(10_000);
    const [one, two] = [newTexts(), newTexts()];
    const object = named('a');
    one.put(object, 'one');
    expect(two.get(object)).toBeUndefined();
  });

  it('are kept within a bound, what was asked for longest', () => {
    const texts = createTexts(4 * 210)();
    const objects = ['a', 'b', 'c', 'd', 'e', 'f'].map(named);
    for (const object of objects) {
      texts.put(object, 'ten signs.');
      texts.get(objects[0] as StoredObject);
    }
    const kept = objects.filter((object) => texts.get(object) !== undefined);
    expect(kept).toContain(objects[0]);
    expect(kept).toContain(objects[5]);
    expect(kept).not.toContain(objects[1]);
  });
});

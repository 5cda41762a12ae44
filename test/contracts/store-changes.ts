import { describe, expect, it } from '@jest/globals';
import type { Changes } from '../../reconciler/store.ts';
import { eventually } from './eventually.ts';
import type { StoreUnderTest } from './store.ts';
import { claimOf, completion, createOne, ready, uidOf } from './store-fixture.ts';

export function describeChanges(under: () => StoreUnderTest): void {
  type Query = Parameters<StoreUnderTest['store']['changes']>[0];

  const read = (query: Query) => () => under().store.changes(query);

  function items(changes: Changes) {
    if (changes.tooOld) throw new Error('This position should still be known.');
    return changes.items;
  }

  const told = (changes: Changes) => items(changes).map(({ type, key }) => `${type} ${key.kind}/${key.name}`);

  describe('changes', () => {
    it('tell what was written after a position, oldest first', async () => {
      await createOne(under(), { name: 'before' });
      const since = await under().store.position();
      const a = await createOne(under(), { name: 'a' });
      await createOne(under(), { kind: 'Host', name: 'b' });
      await eventually(read({ since, limit: 10 }), (changes) => {
        expect(told(changes).filter((line) => !line.endsWith('before'))).toEqual([
          'changed Machine/a',
          'changed Host/b',
        ]);
        const item = items(changes).find(({ uid }) => uid === uidOf(a));
        expect(item).toMatchObject({
          kind: 'Machine',
          object: a,
          key: { kind: 'Machine', project: 'shop', name: 'a' },
        });
      });
    });

    it('tell an object once, at its last change, with what it is now', async () => {
      const { store } = under();
      const since = await store.position();
      const a = await createOne(under(), { name: 'a' });
      await createOne(under(), { name: 'b' });
      await store.complete([completion(await claimOf(under(), uidOf(a)), { status: ready(1) })]);
      await eventually(read({ since, limit: 10 }), (changes) => {
        expect(told(changes)).toEqual(['changed Machine/b', 'changed Machine/a']);
        expect(items(changes)[1]?.object?.status.observedGeneration).toBe(1);
      });
    });

    it('tell what went, without the object', async () => {
      const { store } = under();
      const a = await createOne(under(), { name: 'a' });
      const since = await store.position();
      await store.complete([completion(await claimOf(under(), uidOf(a)), { remove: true })]);
      await eventually(read({ since, limit: 10 }), (changes) => {
        expect(told(changes).at(-1)).toBe('removed Machine/a');
        expect(items(changes).at(-1)).toMatchObject({ uid: uidOf(a), object: null });
      });
    });

    it('go on from the position of a page, and from that of an item', async () => {
      const since = await under().store.position();
      for (const name of ['a', 'b', 'c']) await createOne(under(), { name });
      await eventually(read({ since, limit: 10 }), (changes) => expect(told(changes)).toHaveLength(3));
      const first = await under().store.changes({ since, limit: 2 });
      expect(told(first)).toEqual(['changed Machine/a', 'changed Machine/b']);
      if (first.tooOld) throw new Error('It was just read.');
      expect(told(await under().store.changes({ since: first.position, limit: 2 }))).toEqual(['changed Machine/c']);
      const item = items(first)[0]?.position ?? '';
      expect(told(await under().store.changes({ since: item, limit: 1 }))).toEqual(['changed Machine/b']);
    });

    it('tell only the kinds and the project asked for, and pass the others by', async () => {
      const since = await under().store.position();
      await createOne(under(), { name: 'a' });
      await createOne(under(), { kind: 'Host', name: 'b' });
      await createOne(under(), { name: 'c', metadata: { project: 'other' } });
      await eventually(read({ since, limit: 10 }), (changes) => expect(told(changes)).toHaveLength(3));
      expect(told(await under().store.changes({ since, limit: 10, kinds: ['Host'] }))).toEqual(['changed Host/b']);
      expect(told(await under().store.changes({ since, limit: 10, project: 'other' }))).toEqual(['changed Machine/c']);
      expect(told(await under().store.changes({ since, limit: 10, project: null }))).toEqual(['changed Host/b']);
      const none = await under().store.changes({ since, limit: 10, kinds: ['Volume'] });
      if (none.tooOld) throw new Error('It was just read.');
      expect(told(await under().store.changes({ since: none.position, limit: 10 }))).toEqual([]);
    });

    it('lose none of many writes that run at the same time', async () => {
      let since = await under().store.position();
      const seen = new Set<string>();
      const follow = async () => {
        const changes = await under().store.changes({ since, limit: 7 });
        for (const { key } of items(changes)) seen.add(key.name);
        if (!changes.tooOld) since = changes.position;
      };
      const names = Array.from({ length: 40 }, (_, i) => `m-${i}`);
      const writing = Promise.all(names.map((name) => createOne(under(), { name })));
      for (let i = 0; i < 10; i++) await follow();
      await writing;
      await eventually(follow, () => expect([...seen].sort()).toEqual([...names].sort()));
    });

    it('are too old once retention has passed them by, and when the position is none', async () => {
      const { store } = under();
      const since = await store.position();
      await createOne(under(), { name: 'a' });
      await eventually(read({ since, limit: 10 }), (changes) => expect(told(changes)).toHaveLength(1));
      await under().forgetChanges();
      expect(await store.changes({ since, limit: 10 })).toEqual({ tooOld: true });
      expect(await store.changes({ since: 'nonsense', limit: 10 })).toEqual({ tooOld: true });
      const now = await store.position();
      await createOne(under(), { name: 'b' });
      await eventually(read({ since: now, limit: 10 }), (changes) =>
        expect(told(changes)).toEqual(['changed Machine/b']),
      );
    });
  });
}

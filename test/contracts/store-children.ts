import { describe, expect, it } from '@jest/globals';
import type { StoredObject } from '../../reconciler/object.ts';
import type { Completion, PreparedChild } from '../../reconciler/store.ts';
import type { StoreUnderTest } from './store.ts';
import {
  claimAll,
  claimOf,
  completion,
  createOne,
  dueUids,
  present,
  settleAll,
  uidOf,
  type Wish,
  wish,
} from './store-fixture.ts';

export function describeChildren(under: () => StoreUnderTest): void {
  const childOf = (owner: StoredObject, more: Partial<Wish> = {}): PreparedChild => ({
    key: 'net',
    object: wish({
      kind: 'Network',
      name: 'child',
      spec: { cidr: '10.1.0.0/24' },
      metadata: { ownerUid: uidOf(owner), ownerKey: 'net' },
      ...more,
    }),
  });

  async function completeWith(owner: StoredObject, children: Partial<Completion['children']>): Promise<void> {
    await under().store.wake([uidOf(owner)]);
    const claim = await claimOf(under(), uidOf(owner));
    const result = await under().store.complete([
      completion(claim, { children: { apply: [], remove: [], ...children } }),
    ]);
    expect(result).toEqual(['done']);
  }

  async function byName(name: string): Promise<StoredObject | undefined> {
    return (await under().store.getByKey([{ kind: 'Network', project: 'shop', name }]))[0];
  }

  describe('children', () => {
    it('are created with the completion of their owner, due at once and audited', async () => {
      const owner = await createOne(under(), { name: 'web' });
      const child = childOf(owner);
      await completeWith(owner, { apply: [child] });
      const stored = present(await byName('child'));
      expect(stored.spec).toEqual(child.object.spec);
      expect(uidOf(stored)).toBe(uidOf(child.object));
      expect((await under().store.load([uidOf(owner)])).get(uidOf(owner))?.children).toEqual([stored]);
      expect(dueUids(await claimAll(under()))).toContain(uidOf(child.object));
      const audit = await under().store.audit({ uid: uidOf(child.object), limit: 10 });
      expect(audit.items.map(({ row }) => [row.op, row.actor])).toEqual([['create', 'portal']]);
    });

    it('get the new spec, keep their uid, and count a generation only when the spec differs', async () => {
      const owner = await createOne(under(), { name: 'web' });
      await completeWith(owner, { apply: [childOf(owner)] });
      const before = present(await byName('child'));
      await completeWith(owner, { apply: [childOf(owner)] });
      expect(await byName('child')).toEqual(before);
      await under().advance(60_000);
      await settleAll(under());
      await completeWith(owner, { apply: [childOf(owner, { spec: { cidr: '10.2.0.0/24' } })] });
      const after = present(await byName('child'));
      expect(uidOf(after)).toBe(uidOf(before));
      expect(after.spec).toEqual({ cidr: '10.2.0.0/24' });
      expect(after.metadata.generation).toBe(2);
      expect(dueUids(await claimAll(under()))).toContain(uidOf(before));
    });

    it('never take over an object of the same name that another one owns', async () => {
      const owner = await createOne(under(), { name: 'web' });
      const theirs = await createOne(under(), { kind: 'Network', name: 'child', spec: { cidr: '10.9.0.0/24' } });
      await completeWith(owner, { apply: [childOf(owner)] });
      expect(await byName('child')).toEqual(theirs);
    });

    it('are not made when a unique key of theirs is taken', async () => {
      const owner = await createOne(under(), { name: 'web' });
      await createOne(under(), { kind: 'Network', name: 'other', spec: { cidr: '10.1.0.0/24' } });
      const second = childOf(owner, { name: 'second', spec: { cidr: '10.3.0.0/24' } });
      await completeWith(owner, { apply: [childOf(owner), second] });
      expect(await byName('child')).toBeUndefined();
      expect(await byName('second')).toBeDefined();
      expect((await under().store.queueStats()).depth).toBe(3);
    });

    it('are marked deleted, not removed, and come due', async () => {
      const owner = await createOne(under(), { name: 'web' });
      await completeWith(owner, { apply: [childOf(owner)] });
      await settleAll(under());
      const child = present(await byName('child'));
      await completeWith(owner, { remove: [uidOf(child)] });
      const deleted = present(await byName('child'));
      expect(Date.parse(present(deleted.metadata.deletedAt))).toBeLessThanOrEqual(await under().store.now());
      expect(deleted.metadata.resourceVersion).not.toBe(child.metadata.resourceVersion);
      expect(dueUids(await claimAll(under()))).toContain(uidOf(child));
      const audit = await under().store.audit({ uid: uidOf(child), limit: 10 });
      expect(audit.items.map(({ row }) => row.op)).toEqual(['delete', 'create']);
    });

    it('are left alone once they are being deleted', async () => {
      const owner = await createOne(under(), { name: 'web' });
      await completeWith(owner, { apply: [childOf(owner)] });
      await completeWith(owner, { remove: [uidOf(present(await byName('child')))] });
      const deleted = present(await byName('child'));
      await completeWith(owner, {
        apply: [childOf(owner, { spec: { cidr: '10.2.0.0/24' } })],
        remove: [uidOf(deleted)],
      });
      expect(await byName('child')).toEqual(deleted);
    });
  });
}

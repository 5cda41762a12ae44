import { describe, expect, it } from '@jest/globals';
import type { StoredObject } from '../../reconciler/object.ts';
import type { Completion } from '../../reconciler/store.ts';
import type { StoreUnderTest } from './store.ts';
import {
  claimAll,
  claimOf,
  completion,
  createOne,
  dueUids,
  present,
  ready,
  settleAll,
  uidOf,
} from './store-fixture.ts';

export function describeWakes(under: () => StoreUnderTest): void {
  const network = (name = 'net') =>
    createOne(under(), { kind: 'Network', name, spec: { cidr: `10.${name.length}.0.0/24` } });

  async function complete(object: StoredObject, more: Partial<Completion>): Promise<void> {
    await under().store.wake([uidOf(object)]);
    const claim = await claimOf(under(), uidOf(object));
    expect(await under().store.complete([completion(claim, more)])).toEqual(['done']);
  }

  const dueNow = async () => dueUids(await claimAll(under()));

  describe('what is woken', () => {
    it('are the objects that name a changed one, whatever path the name stands at', async () => {
      const volume = await createOne(under(), { kind: 'Volume', name: 'disk' });
      const user = await createOne(under(), {
        name: 'user',
        spec: { disks: [{ volume: 'other' }, { volume: 'disk' }] },
      });
      await createOne(under(), { name: 'stranger', spec: { disks: [{ volume: 'other' }] } });
      await createOne(under(), {
        name: 'elsewhere',
        spec: { disks: [{ volume: 'disk' }] },
        metadata: { project: 'x' },
      });
      await settleAll(under());
      await complete(volume, { status: ready(1) });
      expect(await dueNow()).toEqual([uidOf(user)]);
    });

    it('are the objects that pin a changed one', async () => {
      const net = await network();
      const user = await createOne(under(), { name: 'user', spec: { network: 'another' } });
      await settleAll(under());
      await complete(user, { status: ready(1, { refs: { '/network': uidOf(net) } }) });
      await complete(net, { status: ready(1) });
      expect(await dueNow()).toEqual([uidOf(user)]);
    });

    it('are those that refer from another project, and those that refer to kinds without projects', async () => {
      const host = await createOne(under(), { kind: 'Host', name: 'one' });
      const volume = await createOne(under(), {
        kind: 'Volume',
        name: 'disk',
        metadata: { project: 'lib', sharing: 'public' },
      });
      const guest = await createOne(under(), { name: 'guest', spec: { host: 'one' } });
      const sharer = await createOne(under(), { name: 'sharer', spec: { disks: [{ volume: 'lib/disk' }] } });
      await settleAll(under());
      await complete(host, { status: ready(1) });
      expect(await dueNow()).toEqual([uidOf(guest)]);
      await settleAll(under());
      await complete(volume, { status: ready(1) });
      expect(await dueNow()).toEqual([uidOf(sharer)]);
    });

    it('is nobody while the status stays the same', async () => {
      const net = await network();
      await createOne(under(), { name: 'user', spec: { network: 'net' } });
      await settleAll(under());
      await complete(net, {});
      expect(await dueNow()).toEqual([]);
    });

    it('are those that waited for a name when it appears, and when it goes', async () => {
      const user = await createOne(under(), { name: 'user', spec: { network: 'net' } });
      await settleAll(under());
      const net = await network();
      expect(await dueNow()).toEqual([uidOf(user), uidOf(net)].sort());
      await under().advance(60_000);
      await settleAll(under());
      await complete(net, { remove: true });
      expect(await dueNow()).toEqual([uidOf(user)]);
    });

    it('is the owner when a child changes or goes', async () => {
      const owner = await createOne(under(), { name: 'owner' });
      const child = await createOne(under(), {
        kind: 'Volume',
        name: 'child',
        metadata: { ownerUid: uidOf(owner), ownerKey: 'c' },
      });
      await settleAll(under());
      await complete(child, { status: ready(1) });
      expect(await dueNow()).toEqual([uidOf(owner)]);
      await under().advance(60_000);
      await settleAll(under());
      await complete(child, { remove: true });
      expect(await dueNow()).toEqual([uidOf(owner)]);
    });

    it('comes due at once even if it completes in the same batch', async () => {
      const net = await network();
      const user = await createOne(under(), { name: 'user', spec: { network: 'net' } });
      const claims = await claimAll(under());
      const of = (object: StoredObject) => present(claims.find((claim) => claim.uid === uidOf(object)));
      await under().store.complete([completion(of(net), { status: ready(1) }), completion(of(user))]);
      expect(await dueNow()).toEqual([uidOf(user)]);
    });
  });
}

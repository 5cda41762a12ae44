import { describe, expect, it } from '@jest/globals';
import type { Claim } from '../../reconciler/store.ts';
import type { StoreUnderTest } from './store.ts';
import { claimOf, claimsOn, completion, createOne, present, uidOf } from './store-fixture.ts';

export function describeBindings(under: () => StoreUnderTest): void {
  async function bound(places: string[]): Promise<Claim> {
    const object = await createOne(under(), { name: 'web' });
    const claim = await claimOf(under(), uidOf(object));
    await under().store.reserve([{ claim, claims: claimsOn({ places }), incarnation: 0 }]);
    return claim;
  }

  /** Completes and claims the same object again. */
  async function next(claim: Claim, more: Parameters<typeof completion>[1]): Promise<Claim> {
    expect(await under().store.complete([completion(claim, { ...more, dueAt: 0 })])).toEqual(['done']);
    return present(await claimOf(under(), claim.uid));
  }

  describe('bindings', () => {
    it('are confirmed with the id that the world chose, and keep it', async () => {
      const claim = await bound(['host-1', 'host-2']);
      const second = await next(claim, { confirm: [{ place: 'host-1', externalId: 'ext-9' }] });
      await next(second, { confirm: [{ place: 'host-1', externalId: null }] });
      expect(await under().store.bindings(claim.uid)).toEqual([
        { place: 'host-1', incarnation: 0, externalId: 'ext-9', state: 'confirmed' },
        { place: 'host-2', incarnation: 0, externalId: null, state: 'intended' },
      ]);
    });

    it('go only where a place was observed without the object', async () => {
      const claim = await bound(['host-1', 'host-2']);
      await next(claim, { unbind: ['host-2', 'host-3'] });
      expect((await under().store.bindings(claim.uid)).map(({ place }) => place)).toEqual(['host-1']);
    });

    it('stay when new claims no longer name their place', async () => {
      const { store } = under();
      const claim = await bound(['host-1']);
      const again = await next(claim, { confirm: [{ place: 'host-1', externalId: null }] });
      const [result] = await store.reserve([
        { claim: again, claims: claimsOn({ places: ['host-2'] }), incarnation: 0 },
      ]);
      const expected = [
        { place: 'host-1', incarnation: 0, externalId: null, state: 'confirmed' },
        { place: 'host-2', incarnation: 0, externalId: null, state: 'intended' },
      ];
      expect(result).toEqual({ outcome: 'reserved', bindings: expected });
      expect(await store.bindings(claim.uid)).toEqual(expected);
    });

    it('of a new incarnation are intended anew', async () => {
      const { store } = under();
      const claim = await bound(['host-1']);
      const again = await next(claim, { confirm: [{ place: 'host-1', externalId: 'ext-9' }] });
      const claims = claimsOn({ places: ['host-1'] });
      await store.reserve([{ claim: again, claims, incarnation: 0 }]);
      expect((await store.bindings(claim.uid))[0]?.state).toBe('confirmed');
      await store.reserve([{ claim: again, claims, incarnation: 1 }]);
      expect(await store.bindings(claim.uid)).toEqual([
        { place: 'host-1', incarnation: 1, externalId: null, state: 'intended' },
      ]);
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import { FOREVER } from '../../billing/calendar/interval.ts';
import { unchanged } from '../../billing/loop/parked.ts';
import { type BooksUnderTest, HOUR, loaded } from './books-fixture.ts';

export function describeDue(under: () => BooksUnderTest): void {
  const claim = () => under().store.claim({ limit: 10, leaseMs: HOUR });
  const change = async (account: string) => {
    const { version } = await loaded(under().store, account);
    return { ...unchanged({ account, version }), currency: 'EUR' };
  };

  describe('due accounts', () => {
    it('are given to one worker at a time, until the lease is over', async () => {
      const { store, advance } = under();
      await store.wake(['acme', 'umbrella']);
      expect((await claim()).toSorted()).toEqual(['acme', 'umbrella']);
      expect(await claim()).toEqual([]);
      await advance(HOUR + 1000);
      expect(await claim()).toHaveLength(2);
    });

    it('come due again when the commit said so, and not before', async () => {
      const { store, advance } = under();
      await store.wake(['acme']);
      await claim();
      const dueAt = (await store.now()) + 2 * HOUR;
      await store.commit({ ...(await change('acme')), dueAt });
      expect(await claim()).toEqual([]);
      expect(await store.nextDueAt()).toBe(dueAt);
      await advance(2 * HOUR + 1000);
      expect(await claim()).toEqual(['acme']);
    });

    it('never lose a wake-up that came while somebody worked', async () => {
      const { store } = under();
      await store.wake(['acme']);
      await claim();
      await store.wake(['acme']);
      await store.commit({ ...(await change('acme')), dueAt: FOREVER });
      expect(await claim()).toEqual(['acme']);
    });

    it('are left alone while they are parked, until somebody wakes them', async () => {
      const { store } = under();
      await store.wake(['acme']);
      await claim();
      await store.commit({ ...(await change('acme')), parked: 'TooManyLines', dueAt: 0 });
      expect(await claim()).toEqual([]);
      expect(await store.nextDueAt()).toBeNull();
      expect((await loaded(store, 'acme')).parked).toBe('TooManyLines');
      await store.wake(['acme']);
      expect(await claim()).toEqual(['acme']);
    });
  });
}

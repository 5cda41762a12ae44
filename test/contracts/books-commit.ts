import { describe, expect, it } from '@jest/globals';
import { unchanged } from '../../billing/loop/parked.ts';
import { type BooksUnderTest, loaded, passOnce, wish } from './books-fixture.ts';

export function describeCommits(under: () => BooksUnderTest): void {
  describe('a commit', () => {
    it('turns drafts into numbered documents, wherever their number stands, and everything is there when it is read again', async () => {
      const { store } = under();
      const before = await loaded(store, 'acme');
      expect(before).toMatchObject({ account: 'acme', version: 0, settledAt: null, invoices: [] });
      const now = await store.now();
      const year = new Date(now).getUTCFullYear();
      const number = `INV-${year}-00001`;
      const result = await passOnce(store, before, { now });
      expect(result).toMatchObject({ outcome: 'done', version: 1 });
      const after = await loaded(store, 'acme');
      expect(after).toMatchObject({ version: 1, settledAt: now, parked: null });
      expect(after.invoices).toMatchObject([{ number, total: 3000n, lines: [{ id: `${number}/1`, amount: 3000n }] }]);
      expect(after.invoices[0]?.lines[0]?.explanation.model).toEqual({
        type: 'STANDARD',
        unitPrice: { num: 30n, den: 1n },
      });
      expect(after.subscriptions).toMatchObject([
        { id: 'web', resources: ['vm-1'], events: [{ type: 'CREATE', at: now }] },
      ]);
      expect(await under().events('acme')).toContainEqual({ code: 'InvoiceIssued', subject: number });
    });

    it('that holds an account is known by itself, without the rest of the books', async () => {
      const { store } = under();
      const before = await loaded(store, 'acme');
      const now = await store.now();
      const hold = { id: 'h1', source: 'admin', severity: 'RESTRICT', from: now, to: null } as const;
      const holds = [hold, { ...hold, to: now + 1 }];
      await store.commit({ ...unchanged(before), currency: 'EUR', facts: { holds } });
      expect(await store.holds('acme')).toEqual(holds);
      expect(await store.holds('umbrella')).toEqual([]);
    });

    it('books nothing a second time', async () => {
      const { store } = under();
      await passOnce(store, await loaded(store, 'acme'), { now: await store.now() });
      const first = await loaded(store, 'acme');
      await passOnce(store, first, { now: await store.now() });
      const second = await loaded(store, 'acme');
      expect({ ...second, version: 0, settledAt: 0, checkpoint: null }).toEqual({
        ...first,
        version: 0,
        settledAt: 0,
        checkpoint: null,
      });
    });

    it('is refused whole where another was faster: eight workers issue one invoice with one number', async () => {
      const { store } = under();
      const before = await loaded(store, 'acme');
      const now = await store.now();
      const results = await Promise.all(Array.from({ length: 8 }, () => passOnce(store, before, { now })));
      expect(results.filter(({ outcome }) => outcome === 'done')).toHaveLength(1);
      expect((await loaded(store, 'acme')).invoices).toHaveLength(1);
      await passOnce(store, await loaded(store, 'umbrella'), { now });
      const [invoice] = (await loaded(store, 'umbrella')).invoices;
      expect(invoice?.number).toMatch(/-00002$/);
    });

    it('gives numbers without gaps to many accounts at once', async () => {
      const { store } = under();
      const now = await store.now();
      const names = Array.from({ length: 12 }, (_, index) => `account-${index}`);
      const kept = await store.load(names);
      await Promise.all(kept.map((each) => passOnce(store, each, { now })));
      const numbers = (await store.load(names)).flatMap(({ invoices }) => invoices.map(({ number }) => number));
      expect(numbers.toSorted().map((number) => Number(number.slice(-5)))).toEqual(names.map((_, index) => index + 1));
    });

    it('keeps the history of a subscription when its wish changes', async () => {
      const { store } = under();
      const now = await store.now();
      await passOnce(store, await loaded(store, 'acme'), { now });
      const two = [wish('Subscription', 'web', { bundle: 'starter', quantity: 2, resources: ['vm-2'] })];
      await passOnce(store, await loaded(store, 'acme'), { now: now + 1, wishes: two });
      const { subscriptions } = await loaded(store, 'acme');
      expect(subscriptions[0]?.events.map(({ type, quantity }) => [type, quantity])).toEqual([
        ['CREATE', 1n],
        ['CHANGE', 2n],
      ]);
      // What it was for before stays its own: usage of then is not anybody else's.
      expect(subscriptions[0]?.resources).toEqual(['vm-2', 'vm-1']);
    });

    it('tells a problem once, and writes one letter for each event, recipient and template', async () => {
      const { store } = under();
      const letter = { event: 'e1', recipient: 'a@acme.example', template: 'INVOICE_EMAIL', params: {} };
      for (const version of [0, 1]) {
        const problems = [{ at: version, code: 'PriceGap', subject: 'hours' }];
        await store.commit({ ...unchanged({ account: 'acme', version }), currency: 'EUR', problems, mail: [letter] });
      }
      expect(await under().events('acme')).toEqual([{ code: 'PriceGap', subject: 'hours' }]);
      expect(await under().mail('acme')).toHaveLength(1);
    });

    it('never books an account in two currencies', async () => {
      const { store } = under();
      await store.commit({ ...unchanged({ account: 'acme', version: 0 }), currency: 'EUR' });
      const other = store.commit({ ...unchanged({ account: 'acme', version: 1 }), currency: 'USD' });
      await expect(other).rejects.toThrow(/booked in EUR/);
      expect((await loaded(store, 'acme')).version).toBe(1);
    });
  });

  describe('prices', () => {
    it('stand as they were first seen once they have begun; planned ones follow the wish', async () => {
      const { store } = under();
      const now = await store.now();
      const revision = {
        id: 'list@a',
        from: now - 1,
        to: null,
        recordedAt: now,
        hash: 'one',
        hoursPerMonth: 'ACTUAL' as const,
        prices: new Map(),
      };
      const planned = { ...revision, id: 'list@b', from: now + 86_400_000 };
      expect(await store.publish([revision, planned])).toEqual([revision, planned]);
      const changed = [revision, planned].map((each) => ({ ...each, hash: 'two', recordedAt: now + 5 }));
      expect(await store.publish(changed)).toEqual([revision, { ...planned, hash: 'two', recordedAt: now + 5 }]);
    });
  });
}

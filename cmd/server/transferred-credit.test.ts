import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { transferCredit } from '../../billing/payment/cashier.ts';
import { command } from '../../billing/payment/command.ts';
import { creditOf } from '../../billing/settle/books.ts';
import { booksOnPostgres, SHOP } from './books.fixture.ts';

jest.setTimeout(120_000);

const HOUR = 3_600_000;
const ASKED = { principal: 'user:anna', key: 'move-1' };
const MOVE = { account: 'acme', amount: '12.50', to: 'tokyo', received: '2000' };

describe('credit that is between two accounts when the server dies', () => {
  let cloud: Awaited<ReturnType<typeof booksOnPostgres>>;
  beforeEach(async () => {
    cloud = await booksOnPostgres();
    const tokyo = { kind: 'Account', name: 'tokyo', spec: { channel: 'direct', currency: 'JPY', zone: 'Asia/Tokyo' } };
    // Nothing is bought: no invoice uses the credit up.
    await cloud.apply([...SHOP.filter(({ kind }) => kind !== 'Subscription'), tokyo]);
    await cloud.settle();
    await cloud.open.accounts.change('acme', (books, now) => {
      const given = command(books, { type: 'credit', amount: 2000n, key: 'gift' }, now);
      return given.outcome === 'done' ? given.books : books;
    });
  });
  afterEach(async () => {
    await cloud.close();
  });

  const credits = async () => {
    const [acme, tokyo] = [await cloud.open.accounts.load('acme'), await cloud.open.accounts.load('tokyo')];
    return [creditOf(acme), creditOf(tokyo)];
  };

  /** One call, of a server that dies before the second leg. */
  async function half() {
    const { accounts } = cloud.open;
    const dying = {
      ...accounts,
      change: async (account: string, change: Parameters<typeof accounts.change>[1]) => {
        if (account === 'tokyo') throw new Error('killed');
        await accounts.change(account, change);
      },
    };
    await expect(transferCredit({ books: dying, now: Date.now }, MOVE, ASKED)).rejects.toThrow('killed');
    return () => transferCredit({ books: accounts, now: Date.now }, MOVE, ASKED);
  }

  it('is named by the audit, and arrives once: by the books themselves, or by the same request', async () => {
    const again = await half();
    expect(await credits()).toEqual([750n, 0n]);
    await cloud.advance(2 * 60_000);
    expect(await cloud.open.api.audit()).toEqual([
      {
        account: 'acme',
        check: 'credit left one account and did not arrive at the other',
        detail: 'transfer/user:anna/move-1/out for tokyo',
      },
    ]);
    await cloud.settle();
    expect(await credits()).toEqual([750n, 2000n]);
    for (let times = 0; times < 2; times += 1) {
      await cloud.advance(2 * HOUR);
      await cloud.settle();
      expect(await again()).toEqual({ ok: true, attempt: null });
    }
    expect(await credits()).toEqual([750n, 2000n]);
    expect([await cloud.open.api.audit(), cloud.errors]).toEqual([[], []]);
  });

  it('arrives once where the same request and two servers bring it at the same time', async () => {
    const again = await half();
    const another = cloud.another();
    await cloud.books.wake(['acme']);
    await Promise.all([again(), again(), cloud.open.round(), another.round()]);
    await cloud.settle();
    expect(await credits()).toEqual([750n, 2000n]);
    expect(await cloud.open.api.audit()).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { audit } from '../scenario/check.ts';
import { type Books, creditOf } from '../settle/books.ts';
import { grantCredit, transferCredit } from './cashier.ts';
import { ACCOUNT, world } from './collector.fixture.ts';
import { deliver } from './transfer.ts';

const asked = (key: string) => ({ principal: 'user:anna', key });

/** Two accounts of one customer: euros here, yen there. */
function two() {
  const w = world();
  const here = { ...w.books(), account: { ...w.books().account, currency: 'EUR' } };
  const empty = { invoices: [], settlements: [], credits: [], payments: [], ledger: [], events: [] };
  const there = { ...here, ...empty, account: { ...here.account, name: 'tokyo', currency: 'JPY' } };
  const books = new Map<string, Books>([
    [ACCOUNT, here],
    ['tokyo', there],
  ]);
  const of = (name: string) => books.get(name) ?? here;
  let dies = false;
  const ports = {
    ...w.ports,
    payerOf: async () => null,
    books: {
      load: async (name: string) => of(name),
      change: async (name: string, change: (before: Books, at: number) => Books) => {
        if (dies && name === 'tokyo') throw new Error('killed');
        books.set(name, change(of(name), w.clock.now));
      },
    },
  };
  const move = (key: string, amount: string | null, received: string) =>
    transferCredit(ports, { account: ACCOUNT, amount, to: 'tokyo', received }, asked(key));
  return { ports, of, move, kill: (next: boolean) => (dies = next) };
}

const balanceIn = (books: Books, name: string) =>
  books.ledger
    .flatMap(({ entries }) => entries)
    .filter(({ account }) => account === name)
    .reduce((sum, { side, minor }) => sum + (side === 'DEBIT' ? minor : -minor), 0n);

describe('credit that goes to an account in another currency', () => {
  it('leaves one in its currency and arrives at the other in its own, once for a key, through fx in both', async () => {
    const { ports, of, move } = two();
    await grantCredit(ports, { account: ACCOUNT, amount: '20.00', reason: 'Sorry' }, asked('grant'));
    for (let times = 0; times < 2; times += 1)
      expect(await move('move-1', '12.50', '2000')).toEqual({ ok: true, attempt: null });
    expect([creditOf(of(ACCOUNT)), creditOf(of('tokyo'))]).toEqual([750n, 2000n]);
    expect([balanceIn(of(ACCOUNT), 'fx'), balanceIn(of('tokyo'), 'fx')]).toEqual([-1250n, 2000n]);
    expect([audit(of(ACCOUNT)), audit(of('tokyo'))]).toEqual([[], []]);
    expect(await move('move-2', '7.51', '1200')).toEqual({ ok: false, code: 'TransferExceedsCredit' });
    expect(await move('move-3', null, '1200')).toEqual({ ok: true, attempt: null });
    expect([creditOf(of(ACCOUNT)), creditOf(of('tokyo'))]).toEqual([0n, 3200n]);
  });

  it('arrives though its server died between the two legs', async () => {
    const { ports, of, move, kill } = two();
    await grantCredit(ports, { account: ACCOUNT, amount: '20.00', reason: 'Sorry' }, asked('grant'));
    kill(true);
    await expect(move('move-1', '20.00', '3200')).rejects.toThrow('killed');
    expect([creditOf(of(ACCOUNT)), creditOf(of('tokyo'))]).toEqual([0n, 0n]);
    kill(false);
    for (let times = 0; times < 2; times += 1) {
      await deliver(ports.books, of(ACCOUNT), ports.now());
      await move('move-1', '20.00', '3200');
    }
    expect([creditOf(of(ACCOUNT)), creditOf(of('tokyo'))]).toEqual([0n, 3200n]);
  });

  it('is refused to the same account, and in amounts that the currencies do not have', async () => {
    const { ports, of, move } = two();
    await grantCredit(ports, { account: ACCOUNT, amount: '20.00', reason: 'Sorry' }, asked('grant'));
    expect(await move('move-1', '1.00', '160.5')).toEqual({ ok: false, code: 'AmountUnreadable' });
    expect(await move('move-2', '1.001', '160')).toEqual({ ok: false, code: 'AmountUnreadable' });
    expect(await move('move-3', '1.00', '0')).toEqual({ ok: false, code: 'AmountNotPositive' });
    const same = { account: ACCOUNT, amount: '1.00', to: ACCOUNT, received: '1.00' };
    expect(await transferCredit(ports, same, asked('move-4'))).toEqual({ ok: false, code: 'SameAccount' });
    expect(creditOf(of(ACCOUNT))).toBe(2000n);
  });
});

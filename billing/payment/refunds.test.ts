import { describe, expect, it } from '@jest/globals';
import { audit } from '../scenario/check.ts';
import { balanceOf, creditOf, paidOn } from '../settle/books.ts';
import { record } from '../settle/issue.ts';
import {
  type CashierPorts,
  grantCredit,
  payInvoice,
  recordPayment,
  refundPayment,
  refundWallet,
  topUpWallet,
} from './cashier.ts';
import { ACCOUNT, PAYER, type World, world } from './collector.fixture.ts';
import { collect, pursue } from './collector.ts';
import { type Wallet, walletBalance } from './wallet.ts';

const INVOICE = 'INV-2026-00001';

function counter(): World & { at: CashierPorts } {
  const w = world(null);
  return { ...w, at: { ...w.ports, methodOf: async () => PAYER } };
}

const asked = (key: string) => ({ principal: 'user:anna', key });
const refunds = (w: World) =>
  w.bank
    .movements()
    .filter(({ verb, outcome }) => verb === 'REFUND' && outcome.state === 'succeeded')
    .map(({ amount }) => amount);

describe('a refund that several charges bear', () => {
  const paidInParts = async () => {
    const w = counter();
    for (const amount of ['4.00', '3.50', '2.50'])
      await payInvoice(w.at, { account: ACCOUNT, invoice: INVOICE, amount, method: null }, asked(`pay-${amount}`));
    return w;
  };
  const refund = (w: { at: CashierPorts }, key: string, amount: string | null, adjust = false) =>
    refundPayment(w.at, { account: ACCOUNT, invoice: INVOICE, amount, adjust }, asked(key));

  it('goes back to each of them, the newest first, and never more than it took', async () => {
    const w = await paidInParts();
    expect(await refund(w, 'r-1', '9.00')).toEqual({ ok: true, attempt: 'user:anna/r-1' });
    expect(refunds(w)).toEqual([250n, 350n, 300n]);
    expect([paidOn(INVOICE, w.books()), audit(w.books())]).toEqual([100n, []]);
    expect(await refund(w, 'r-2', '1.01')).toEqual({ ok: false, code: 'RefundExceedsPaid' });
    expect(await refund(w, 'r-3', null)).toMatchObject({ ok: true });
    expect(refunds(w)).toEqual([250n, 350n, 300n, 100n]);
  });

  it('takes the one charge that bears it, where there is one', async () => {
    const w = await paidInParts();
    await refund(w, 'r-1', '3.60');
    expect(refunds(w)).toEqual([360n]);
  });

  it('goes on where its server died after the first part, and is sent once, whoever asks again', async () => {
    const w = await paidInParts();
    const { attempts } = w.at;
    let begun = 0;
    const dying = {
      ...attempts,
      begin: async (row: never) => (++begun > 1 ? Promise.reject(new Error('killed')) : attempts.begin(row)),
    };
    await expect(refund({ at: { ...w.at, attempts: dying } }, 'r-1', '9.00')).rejects.toThrow('killed');
    expect(refunds(w)).toEqual([250n]);
    expect(await refund(w, 'r-2', '1.01')).toEqual({ ok: false, code: 'RefundExceedsPaid' });
    expect(await refund(w, 'r-1', '9.00')).toMatchObject({ ok: true });
    await Promise.all([collect(w.at, ACCOUNT), collect(w.at, ACCOUNT)]);
    await collect(w.at, ACCOUNT);
    expect(refunds(w)).toEqual([250n, 350n, 300n]);
    expect(paidOn(INVOICE, w.books())).toBe(100n);
  });

  it('lowers the invoice by what went back, so that nothing is owed again', async () => {
    const w = await paidInParts();
    await refund(w, 'r-1', '9.00', true);
    const [invoice] = w.books().invoices;
    expect(balanceOf(invoice as never, w.books())).toBe(0n);
    expect([w.books().creditNotes.map(({ total }) => total), creditOf(w.books())]).toEqual([[250n, 350n, 300n], 0n]);
    expect(audit(w.books())).toEqual([]);
  });

  it('is refused where the gateways took less', async () => {
    const w = counter();
    const part = { account: ACCOUNT, invoice: INVOICE, amount: '4.00', method: null };
    await payInvoice(w.at, part, asked('p-1'));
    await recordPayment(
      w.at,
      { account: ACCOUNT, invoice: INVOICE, amount: '6.00', reference: 'transfer' },
      asked('p-2'),
    );
    expect(await refund(w, 'r-1', '5.00')).toEqual({ ok: false, code: 'RefundBeyondCharge' });
    expect(refunds(w)).toEqual([]);
  });
});

describe('a wallet that is paid back', () => {
  const WALLETS: Wallet[] = [
    { name: 'w', bucket: 'PAID', priority: 1, expiresAt: null, refundable: true },
    { name: 'kept', bucket: 'PAID', priority: 2, expiresAt: null, refundable: false },
    { name: 'gift', bucket: 'PROMOTIONAL', priority: 3, expiresAt: null },
  ];
  const filled = async (...amounts: string[]) => {
    const w = counter();
    w.set(record(w.books(), { wallets: WALLETS }));
    for (const [index, amount] of amounts.entries())
      await topUpWallet(w.at, { account: ACCOUNT, wallet: 'w', amount, method: null }, asked(`up-${index}`));
    return w;
  };
  const back = (
    w: { at: CashierPorts },
    key: string,
    wish: { amount?: string; wallet?: string; reference?: string } = {},
  ) =>
    refundWallet(
      w.at,
      { account: ACCOUNT, wallet: wish.wallet ?? 'w', amount: wish.amount ?? null, reference: wish.reference ?? null },
      asked(key),
    );
  const balance = (w: World, name = 'w') => walletBalance(name, w.books().walletMoves);

  it('goes back to the cards that it came from, once for a key', async () => {
    const w = await filled('20.00', '15.00');
    const answers = await Promise.all([back(w, 'b-1', { amount: '30.00' }), back(w, 'b-1', { amount: '30.00' })]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(2);
    await back(w, 'b-1', { amount: '30.00' });
    expect([refunds(w), balance(w), audit(w.books())]).toEqual([[1500n, 1500n], 500n, []]);
    expect(w.books().events.at(-1)).toMatchObject({ code: 'RefundPaid', subject: 'w' });
    expect(await back(w, 'b-2', { amount: '5.01' })).toEqual({ ok: false, code: 'RefundExceedsWallet' });
    expect(await back(w, 'b-3')).toMatchObject({ ok: true });
    expect([refunds(w), balance(w)]).toEqual([[1500n, 1500n, 500n], 0n]);
    expect(await back(w, 'b-4')).toEqual({ ok: false, code: 'RefundExceedsWallet' });
  });

  it('is not spent meanwhile, and is in the wallet again where the gateway says no', async () => {
    const w = await filled('20.00');
    w.bank.script(['doneLost']);
    await back(w, 'b-1', { amount: '12.00' });
    expect(balance(w)).toBe(800n);
    expect(await back(w, 'b-2', { amount: '9.00' })).toEqual({ ok: false, code: 'RefundExceedsWallet' });
    w.clock.now += 300_000;
    await pursue(w.at, 10);
    w.bank.script(['declineHard']);
    await back(w, 'b-3', { amount: '8.00' });
    expect([refunds(w), balance(w)]).toEqual([[1200n], 800n]);
    expect(w.books().events.at(-1)).toMatchObject({ code: 'RefundFailed', subject: 'w' });
    expect(audit(w.books())).toEqual([]);
    expect(await back(w, 'b-4')).toMatchObject({ ok: true });
    expect([refunds(w), balance(w)]).toEqual([[1200n, 800n], 0n]);
  });

  it('goes out though its server died after the wallet was charged', async () => {
    const w = await filled('20.00');
    const attempts = { ...w.at.attempts, begin: async () => Promise.reject(new Error('killed')) };
    await expect(back({ at: { ...w.at, attempts } }, 'b-1')).rejects.toThrow('killed');
    expect([refunds(w), balance(w)]).toEqual([[], 0n]);
    await Promise.all([collect(w.at, ACCOUNT), back(w, 'b-1')]);
    await collect(w.at, ACCOUNT);
    expect([refunds(w), balance(w)]).toEqual([[2000n], 0n]);
  });

  it('does not promise twice what the cards can bear once', async () => {
    const w = await filled('20.00');
    w.set(record(w.books(), { walletMoves: [{ id: 'hand', wallet: 'w', at: 1, amount: 1000n, kind: 'TOP_UP' }] }));
    const answers = await Promise.all(['one', 'two'].map((key) => back(w, key, { amount: '15.00' })));
    expect(answers.map((each) => (each.ok ? 'ok' : each.code)).toSorted()).toEqual(['RefundBeyondCharge', 'ok']);
    expect([refunds(w), balance(w)]).toEqual([[1500n], 1500n]);
  });

  it('refuses gifts, what was not made refundable, what came by hand, and what would be bought again at once', async () => {
    const w = await filled('20.00');
    await grantCredit(w.at, { account: ACCOUNT, amount: '3.00', reason: 'Sorry' }, asked('c-1'));
    w.set(record(w.books(), { walletMoves: [{ id: 'hand', wallet: 'w', at: 1, amount: 1000n, kind: 'TOP_UP' }] }));
    for (const [wallet, code] of [
      ['gift', 'WalletPromotional'],
      ['kept', 'WalletNotRefundable'],
      ['none', 'UnknownWallet'],
    ] as const)
      expect(await back(w, `no-${wallet}`, { wallet })).toEqual({ ok: false, code });
    expect(await back(w, 'all')).toEqual({ ok: false, code: 'RefundBeyondCharge' });
    expect(await back(w, 'zero', { amount: '0.00' })).toEqual({ ok: false, code: 'AmountNotPositive' });
    const buying = {
      ...w.at,
      payerOf: async () => ({ ...PAYER, topUps: [{ wallet: 'w', below: 500n, amount: 1000n }] }),
    };
    expect(await back({ at: buying }, 'low', { amount: '26.00' })).toEqual({ ok: false, code: 'WalletTopsUp' });
    expect(refunds(w)).toEqual([]);
    expect(await back(w, 'hand', { amount: '10.00', reference: 'transfer 7' })).toEqual({ ok: true, attempt: null });
    expect(await back(w, 'hand', { amount: '10.00', reference: 'transfer 7' })).toEqual({ ok: true, attempt: null });
    expect([refunds(w), balance(w), audit(w.books())]).toEqual([[], 2000n, []]);
  });
});

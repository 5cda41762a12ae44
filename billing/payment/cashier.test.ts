import { describe, expect, it } from '@jest/globals';
import { audit } from '../scenario/check.ts';
import { balanceOf, creditOf, paidOn } from '../settle/books.ts';
import {
  type CashierPorts,
  grantCredit,
  payInvoice,
  recordChargeback,
  recordPayment,
  refundPayment,
  resolveAttempt,
  topUpWallet,
} from './cashier.ts';
import { ACCOUNT, PAYER, type World, world } from './collector.fixture.ts';
import { collect, pursue } from './collector.ts';

const INVOICE = 'INV-2026-00001';
const DAY = 86_400_000;

function counter(payer: World['ports']['payerOf'] | null = null): World & { at: CashierPorts } {
  const w = world(null);
  const methodOf = async () => (payer === null ? PAYER : payer(ACCOUNT));
  return { ...w, at: { ...w.ports, methodOf } };
}

const asked = (key: string) => ({ principal: 'user:anna', key });
const pay = (w: { at: CashierPorts }, key: string, amount: string | null = null) =>
  payInvoice(w.at, { account: ACCOUNT, invoice: INVOICE, amount, method: null }, asked(key));
const refund = (w: { at: CashierPorts }, key: string, amount: string | null) =>
  refundPayment(w.at, { account: ACCOUNT, invoice: INVOICE, amount, adjust: false }, asked(key));
const due = (w: World) => balanceOf(w.books().invoices[0] as never, w.books());
const moved = (w: World, verb: string) => w.bank.movements().filter((each) => each.verb === verb).length;

describe('paying at the counter', () => {
  it('charges once for a key, whoever asks how often, and answers alike', async () => {
    const w = counter();
    const answers = await Promise.all([pay(w, 'k-1'), pay(w, 'k-1'), pay(w, 'k-1')]);
    expect(await pay(w, 'k-1')).toEqual({ ok: true, attempt: 'user:anna/k-1' });
    expect(answers.filter(({ ok }) => ok).length).toBeGreaterThan(0);
    expect([moved(w, 'CHARGE'), due(w)]).toEqual([1, 0n]);
    expect(await pay(w, 'k-2')).toEqual({ ok: false, code: 'NothingDue' });
  });

  it('pays in parts, and never more than is owed', async () => {
    const w = counter();
    expect(await pay(w, 'part-1', '4.00')).toMatchObject({ ok: true });
    expect(await pay(w, 'part-2', '6.01')).toEqual({ ok: false, code: 'AmountBeyondDue' });
    expect(await pay(w, 'part-3', '6.00')).toMatchObject({ ok: true });
    expect([moved(w, 'CHARGE'), due(w)]).toEqual([2, 0n]);
  });

  it('refuses amounts that are none, and what is not there', async () => {
    const w = counter();
    await pay(w, 'k-1', '4.00');
    for (const amount of ['0', '-1.00', '1.001', 'ten', ''])
      expect(await pay(w, `a${amount}`, amount)).toMatchObject({ ok: false, code: 'AmountUnreadable' });
    const elsewhere = { account: ACCOUNT, invoice: 'INV-0', amount: null, method: null };
    expect(await payInvoice(w.at, elsewhere, asked('k-3'))).toEqual({ ok: false, code: 'UnknownInvoice' });
    const cardless = counter(async () => null);
    expect(await pay(cardless, 'k-1')).toEqual({ ok: false, code: 'NoPaymentMethod' });
    expect(moved(w, 'CHARGE')).toBe(1);
  });

  it('does not charge while nobody knows how the last charge ended, and takes a person’s word for it', async () => {
    const w = counter();
    w.bank.script(['doneLost']);
    w.at.gateways.forEach((gateway) => {
      gateway.lookup = async () => ({ state: 'unknown', code: 'unreachable', externalId: null });
    });
    expect(await pay(w, 'k-1')).toEqual({ ok: true, attempt: 'user:anna/k-1' });
    expect(await pay(w, 'k-2')).toEqual({ ok: false, code: 'PaymentUnderWay' });
    const told = { account: ACCOUNT, id: 'user:anna/k-1', externalId: 'charge_1' };
    expect(await resolveAttempt(w.at, told)).toEqual({ ok: false, code: 'NotUnresolved' });
    for (let days = 0; days < 10; days += 1) {
      w.clock.now += DAY;
      await pursue(w.at, 10);
    }
    expect(await pay(w, 'k-2')).toEqual({ ok: false, code: 'PaymentUnderWay' });
    expect(await resolveAttempt(w.at, { ...told, account: 'other' })).toEqual({ ok: false, code: 'UnknownAttempt' });
    expect(await resolveAttempt(w.at, told)).toMatchObject({ ok: true });
    expect([moved(w, 'CHARGE'), due(w)]).toEqual([1, 0n]);
  });
});

describe('giving back', () => {
  it('gives back what was charged and no more, also when two ask at once', async () => {
    const w = counter();
    await pay(w, 'k-1');
    const answers = await Promise.all([refund(w, 'r-1', '6.00'), refund(w, 'r-2', '6.00')]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await refund(w, 'r-3', '4.01')).toEqual({ ok: false, code: 'RefundExceedsPaid' });
    expect(await refund(w, 'r-4', null)).toMatchObject({ ok: true });
    expect([paidOn(INVOICE, w.books()), due(w), moved(w, 'REFUND')]).toEqual([0n, 1000n, 2]);
  });

  it('does not book what the gateway refused to give back', async () => {
    const w = counter();
    await pay(w, 'k-1');
    w.bank.script(['declineHard']);
    expect(await refund(w, 'r-1', '6.00')).toMatchObject({ ok: true });
    expect([paidOn(INVOICE, w.books()), due(w)]).toEqual([1000n, 0n]);
    expect(w.books().events.at(-1)).toMatchObject({ code: 'RefundFailed' });
  });

  it('finds out about a refund whose answer was lost, and books it once', async () => {
    const w = counter();
    await pay(w, 'k-1');
    w.bank.script(['doneLost']);
    await refund(w, 'r-1', '6.00');
    expect(await refund(w, 'r-2', '6.00')).toEqual({ ok: false, code: 'RefundExceedsPaid' });
    w.clock.now += 300_000;
    await pursue(w.at, 10);
    expect([paidOn(INVOICE, w.books()), moved(w, 'REFUND')]).toEqual([400n, 1]);
  });

  it('gives nothing back through a gateway that came by hand', async () => {
    const w = counter();
    const wish = { account: ACCOUNT, invoice: INVOICE, amount: null, reference: 'transfer 7' };
    await recordPayment(w.at, wish, asked('t-7'));
    expect(await refund(w, 'r-1', '6.00')).toEqual({ ok: false, code: 'NoSuchCharge' });
  });
});

describe('what needs no gateway', () => {
  it('is booked once for a key, also where the answer was lost with its server', async () => {
    const w = counter();
    const wish = { account: ACCOUNT, invoice: INVOICE, amount: '12.00', reference: 'transfer 7' };
    await recordPayment(w.at, wish, asked('t-7'));
    await grantCredit(w.at, { account: ACCOUNT, amount: '3.00', reason: 'Sorry' }, asked('c-1'));
    // Another server, to which the same is sent again.
    const next = { ...w.at };
    expect(await recordPayment(next, wish, asked('t-7'))).toEqual({ ok: true, attempt: null });
    expect(await grantCredit(next, { account: ACCOUNT, amount: '3.00', reason: 'Sorry' }, asked('c-1'))).toMatchObject({
      ok: true,
    });
    expect([due(w), creditOf(w.books())]).toEqual([0n, 500n]);
    expect(w.books().payments).toMatchObject([{ kind: 'PAYMENT', reference: 'transfer 7' }]);
    expect(w.books().credits).toMatchObject([{ kind: 'OVERPAYMENT' }, { kind: 'GRANT', reason: 'Sorry' }]);
  });
});

describe('a chargeback that no gateway tells of', () => {
  it('opens the invoice again, once for a key, never beyond what was paid, and may be reversed', async () => {
    const w = counter();
    await pay(w, 'k-1');
    const back = (key: string, amount: string | null, reversed = false) =>
      recordChargeback(
        w.at,
        { account: ACCOUNT, invoice: INVOICE, amount, reversed, reference: `notice ${key}` },
        asked(key),
      );
    expect(await back('cb-1', '4.00')).toEqual({ ok: true, attempt: null });
    expect(await back('cb-1', '4.00')).toEqual({ ok: true, attempt: null });
    expect([due(w), paidOn(INVOICE, w.books())]).toEqual([400n, 600n]);
    expect(await back('cb-2', '6.01')).toEqual({ ok: false, code: 'ChargebackExceedsPaid' });
    expect(await back('cb-3', '4.01', true)).toEqual({ ok: false, code: 'NoChargeback' });
    expect(await back('cb-4', null, true)).toEqual({ ok: true, attempt: null });
    expect([due(w), audit(w.books())]).toEqual([0n, []]);
    expect(w.books().payments.map(({ kind, reference }) => [kind, reference])).toEqual([
      ['PAYMENT', expect.any(String)],
      ['CHARGEBACK', 'notice cb-1'],
      ['CHARGEBACK_REVERSED', 'notice cb-4'],
    ]);
  });
});

describe('topping up', () => {
  it('fills a wallet that there is, once for a key', async () => {
    const w = counter();
    const wish = { account: ACCOUNT, wallet: 'w', amount: '20.00', method: null };
    expect(await topUpWallet(w.at, wish, asked('u-1'))).toEqual({ ok: false, code: 'UnknownWallet' });
    w.set({ ...w.books(), wallets: [{ name: 'w', bucket: 'PAID', priority: 1, expiresAt: null }] });
    expect(await topUpWallet(w.at, wish, asked('u-1'))).toMatchObject({ ok: true });
    expect(await topUpWallet(w.at, wish, asked('u-1'))).toMatchObject({ ok: true });
    expect(w.books().walletMoves).toMatchObject([{ wallet: 'w', amount: 2000n, kind: 'TOP_UP' }]);
    expect(await collect(w.at, ACCOUNT)).toBe(0);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FOREVER } from '../../billing/calendar/interval.ts';
import type { Attempt } from '../../billing/payment/attempt.ts';
import type { AttemptStore } from '../../billing/payment/attempt-store.ts';
import type { Customers } from '../../billing/payment/customers.ts';

export interface RecordsSubject {
  attempts: AttemptStore;
  customers: Customers;
  close(): Promise<void>;
}

let made = 0;

function attemptOf(change: Partial<Attempt> = {}): Attempt {
  made += 1;
  return {
    id: `attempt-${made}`,
    account: 'acme',
    gateway: 'sandbox',
    key: `here/acme/INV-${made}/1/charge`,
    verb: 'CHARGE',
    purpose: { type: 'INVOICE', invoice: `INV-${made}`, adjust: false },
    amount: 123_456_789_012_345_678n,
    currency: 'EUR',
    customer: 'cus_1',
    method: 'tok_1',
    state: 'INITIATED',
    externalId: null,
    code: null,
    actionUrl: null,
    calls: 1,
    polls: 0,
    createdAt: 1_000 + made,
    calledAt: 1_000,
    dueAt: FOREVER,
    booked: false,
    ...change,
  };
}

/** What payments are kept in must refuse, whichever way it is kept. */
export function describePaymentRecords(name: string, open: () => Promise<RecordsSubject>): void {
  describe(name, () => {
    let subject: RecordsSubject;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());

    it('keep an attempt as it was written, to the last digit', async () => {
      const attempt = attemptOf({ externalId: `ext-${made}`, account: 'exact' });
      expect(await subject.attempts.begin(attempt)).toBe(true);
      const kept = { attempt, version: 1 };
      expect(await subject.attempts.byId(attempt.id)).toEqual(kept);
      expect(await subject.attempts.byKey(attempt.key)).toEqual(kept);
      const { gateway, verb } = attempt;
      const found = await subject.attempts.byExternalId({ gateway, verb, externalId: attempt.externalId ?? '' });
      expect(found).toEqual(kept);
      expect(await subject.attempts.ofAccount('exact')).toEqual([kept]);
    });

    it('let one charge for an invoice be under way, and a key be used once for ever', async () => {
      const first = attemptOf();
      const { purpose, key } = first;
      expect(await subject.attempts.begin(first)).toBe(true);
      expect(await subject.attempts.begin(attemptOf({ purpose }))).toBe(false);
      expect(await subject.attempts.begin(attemptOf({ purpose, verb: 'REFUND' }))).toBe(true);
      expect(await subject.attempts.begin(attemptOf({ purpose, account: 'other' }))).toBe(true);
      const over = { ...first, state: 'DECLINED_SOFT' as const };
      expect(await subject.attempts.update({ attempt: first, version: 1 }, over)).toBe(true);
      expect(await subject.attempts.begin(attemptOf({ key, account: 'third' }))).toBe(false);
      expect(await subject.attempts.begin(attemptOf({ purpose }))).toBe(true);
    });

    it('let one setting aside for a subscription, and one letting go of it, be under way', async () => {
      const purpose = { type: 'SUBSCRIPTION', subscription: `web-${made}` } as const;
      for (const verb of ['AUTHORISE', 'VOID'] as const) {
        const first = attemptOf({ purpose, verb });
        expect(await subject.attempts.begin(first)).toBe(true);
        expect(await subject.attempts.begin(attemptOf({ purpose, verb }))).toBe(false);
        expect(await subject.attempts.byId(first.id)).toEqual({ attempt: first, version: 1 });
      }
      const wallet = { type: 'WALLET', wallet: 'w', move: 'refund/1' } as const;
      for (let parts = 0; parts < 2; parts += 1)
        expect(await subject.attempts.begin(attemptOf({ purpose: wallet, verb: 'REFUND' }))).toBe(true);
    });

    it('let one of eight begin the same charge', async () => {
      const { purpose } = attemptOf();
      const begun = await Promise.all(Array.from({ length: 8 }, () => subject.attempts.begin(attemptOf({ purpose }))));
      expect(begun.filter((one) => one)).toHaveLength(1);
    });

    it('change a row only for who read it as it is', async () => {
      const attempt = attemptOf();
      await subject.attempts.begin(attempt);
      const kept = { attempt, version: 1 };
      const changes = [1, 2, 3].map((polls) => subject.attempts.update(kept, { ...attempt, polls }));
      expect((await Promise.all(changes)).filter((one) => one)).toHaveLength(1);
      expect(await subject.attempts.byId(attempt.id)).toMatchObject({ version: 2 });
    });

    it('show what is due, the oldest first, and nothing that is over', async () => {
      const [late, soon] = [attemptOf({ dueAt: 20 }), attemptOf({ dueAt: 10 })];
      for (const each of [late, soon, attemptOf({ dueAt: 30 }), attemptOf()]) await subject.attempts.begin(each);
      const due = await subject.attempts.due({ now: 25, limit: 10 });
      expect(due.map(({ attempt }) => attempt.id)).toEqual([soon.id, late.id]);
      expect(await subject.attempts.due({ now: 25, limit: 1 })).toHaveLength(1);
    });

    it('take a letter once, keep it until it is read, and then for ever', async () => {
      const event = { type: 'dispute', id: 'dp', externalId: 'ch', state: 'opened', amount: 7n } as const;
      const letter = { gateway: 'sandbox', id: 'evt-1', event, receivedAt: 5, tries: 0 };
      const { inbox } = subject.attempts;
      expect([await inbox.take(letter), await inbox.take(letter)]).toEqual([true, false]);
      expect(await inbox.take({ ...letter, gateway: 'stripe' })).toBe(true);
      expect(await inbox.due({ now: 4, limit: 10 })).toEqual([]);
      const [due] = await inbox.due({ now: 5, limit: 1 });
      expect(due).toMatchObject({ id: 'evt-1', event });
      for (const gateway of ['sandbox', 'stripe'])
        await inbox.done({ ...letter, gateway }, { tries: 1, dueAt: gateway === 'stripe' ? 50 : null, code: null });
      expect(await inbox.due({ now: 49, limit: 10 })).toEqual([]);
      expect(await inbox.due({ now: 50, limit: 10 })).toMatchObject([{ gateway: 'stripe', tries: 1 }]);
      expect(await inbox.take(letter)).toBe(false);
    });

    it('know an account at its gateways by the first name that it got', async () => {
      const { customers } = subject;
      await customers.keep({ account: 'acme', gateway: 'stripe', customer: 'cus_1' });
      await customers.keep({ account: 'acme', gateway: 'stripe', customer: 'cus_2' });
      expect(await customers.of({ account: 'acme', gateway: 'stripe' })).toBe('cus_1');
      expect(await customers.accountOf({ gateway: 'stripe', customer: 'cus_1' })).toBe('acme');
      expect(await customers.accountOf({ gateway: 'stripe', customer: 'cus_2' })).toBeNull();
      expect(await customers.of({ account: 'acme', gateway: 'authorize-net' })).toBeNull();
    });
  });
}

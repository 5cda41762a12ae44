import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GatewayOutcome, PaymentGateway, WebhookRequest } from '../../billing/payment/gateway.ts';
import type { Fault } from './fake-server.fixture.ts';

/** What the contract needs to know of a gateway and of what it talks to. */
export interface Subject {
  gateway: PaymentGateway;
  /** Same gateway with keys that are wrong; null where there are none. */
  intruder: PaymentGateway | null;
  customer: string;
  methods: Record<'good' | 'poor' | 'stolen', string> & { confirm: string | null };
  next(fault: Fault): void;
  /** Amounts that were really charged for a key's movements, in minor units. */
  charged(): bigint[];
  settle(): void;
  /** Something that must never be seen in an outcome. */
  secrets: string[];
  /** A webhook about a charge that the gateway would send, signed. */
  webhook(externalId: string): WebhookRequest;
  close(): Promise<void>;
}

let keys = 0;

export function describeGateway(name: string, open: () => Promise<Subject>): void {
  describe(name, () => {
    let subject: Subject;
    const told: unknown[] = [];
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());

    const wish = (method = subject.methods.good, amount = 1234n) => ({
      key: `here/acme/INV-${++keys}/1/charge`,
      customer: subject.customer,
      method,
      amount: amount + BigInt(keys),
      currency: 'EUR',
      description: 'INV-1',
    });
    type Wish = ReturnType<typeof wish>;
    const charge = async (request: Wish): Promise<GatewayOutcome> => {
      const outcome = await subject.gateway.charge(request);
      told.push(outcome);
      return outcome;
    };
    const look = ({ key, customer }: Wish) =>
      subject.gateway.lookup({ key, verb: 'CHARGE', customer, externalId: null, since: Date.now() - 60_000 });
    const times = ({ amount }: Wish) => subject.charged().filter((each) => each === amount).length;
    const idOf = (outcome: GatewayOutcome) => ('externalId' in outcome ? (outcome.externalId ?? '') : '');

    it('charges, and says so when it is asked again', async () => {
      const request = wish();
      const outcome = await charge(request);
      expect(outcome).toEqual({ state: 'succeeded', externalId: expect.stringMatching(/./) });
      expect(await look(request)).toEqual(outcome);
      expect(times(request)).toBe(1);
    });

    it('charges once for one key, in a row and at once', async () => {
      const request = wish();
      await charge(request);
      await charge(request);
      await Promise.all([charge(request), charge(request), charge(request)]);
      expect(await look(request)).toMatchObject({ state: 'succeeded' });
      expect(times(request)).toBe(1);
    });

    it('says which declines may end otherwise another day', async () => {
      const poor = wish(subject.methods.poor);
      const stolen = wish(subject.methods.stolen);
      expect(await charge(poor)).toMatchObject({ state: 'declined', retryable: true });
      expect(await charge(stolen)).toMatchObject({ state: 'declined', retryable: false });
      expect(await look(poor)).toMatchObject({ state: 'declined' });
      expect([times(poor), times(stolen)]).toEqual([0, 0]);
    });

    it.each<Fault>(['doneCut', 'half', 'hang', 'broken'])(
      'does not know, and finds out, when it was done: %s',
      async (fault) => {
        const request = wish();
        subject.next(fault);
        expect(await charge(request)).toMatchObject({ state: 'unknown' });
        expect(await look(request)).toMatchObject({ state: 'succeeded' });
        expect(times(request)).toBe(1);
      },
    );

    it('does not know when the connection broke before; finds nothing, and may send it again', async () => {
      const request = wish();
      subject.next('undoneCut');
      expect(await charge(request)).toMatchObject({ state: 'unknown' });
      expect(await look(request)).toEqual({ state: 'absent' });
      expect(await charge(request)).toMatchObject({ state: 'succeeded' });
      expect(times(request)).toBe(1);
    });

    it('knows that nothing moved when it was too busy', async () => {
      const request = wish();
      subject.next('busy');
      expect(await charge(request)).toMatchObject({ state: 'refused', retryable: true });
      expect(times(request)).toBe(0);
    });

    it('gives back what was charged, and never more', async () => {
      const request = wish();
      const externalId = idOf(await charge(request));
      subject.settle();
      const back = { key: `${request.key}/back`, externalId, amount: 1000n, currency: 'EUR' };
      const outcome = await subject.gateway.refund(back);
      expect(outcome).toMatchObject({ state: 'succeeded' });
      const asked = {
        key: back.key,
        verb: 'REFUND' as const,
        customer: subject.customer,
        externalId,
        since: Date.now(),
      };
      expect(await subject.gateway.lookup(asked)).toEqual(outcome);
      const more = await subject.gateway.refund({ ...back, key: `${request.key}/more` });
      expect(more).toMatchObject({ state: 'declined', retryable: false });
    });

    it('sets money aside, and captures or releases it', async () => {
      const [first, second] = [wish(), wish()];
      const one = idOf(await subject.gateway.authorise(first));
      const other = idOf(await subject.gateway.authorise(second));
      expect([times(first), times(second)]).toEqual([0, 0]);
      const captured = await subject.gateway.capture({
        key: `${first.key}/c`,
        externalId: one,
        amount: first.amount,
        currency: 'EUR',
      });
      expect(captured).toMatchObject({ state: 'succeeded' });
      const asked = { customer: subject.customer, since: Date.now() - 60_000 };
      const look = (verb: 'AUTHORISE' | 'CAPTURE' | 'VOID', key: string, externalId: string | null) =>
        subject.gateway.lookup({ ...asked, verb, key, externalId });
      expect(await look('AUTHORISE', second.key, null)).toMatchObject({ state: 'succeeded', externalId: other });
      expect(await look('CAPTURE', `${first.key}/c`, one)).toMatchObject({ state: 'succeeded' });
      expect(await look('CAPTURE', `${second.key}/c`, other)).toEqual({ state: 'absent' });
      expect(await look('VOID', `${second.key}/v`, other)).toEqual({ state: 'absent' });
      expect(await subject.gateway.void({ key: `${second.key}/v`, externalId: other, currency: 'EUR' })).toMatchObject({
        state: 'succeeded',
      });
      expect(await look('VOID', `${second.key}/v`, other)).toMatchObject({ state: 'succeeded' });
      expect([times(first), times(second)]).toEqual([1, 0]);
    });

    it('waits for a payer who must confirm, and lets go', async () => {
      if (subject.methods.confirm === null) return expect(subject.gateway.name).toBe('authorize-net');
      const request = wish(subject.methods.confirm);
      const outcome = await charge(request);
      expect(outcome).toMatchObject({ state: 'requiresAction' });
      expect(await look(request)).toEqual(outcome);
      expect(
        await subject.gateway.void({ key: `${request.key}/v`, externalId: idOf(outcome), currency: 'EUR' }),
      ).toMatchObject({ state: 'succeeded' });
      expect(times(request)).toBe(0);
    });

    it('shows of a method what may be shown, and offers a page to enter one', async () => {
      const { customer, gateway } = subject;
      const form = await gateway.hostedForm({
        key: `form-${++keys}`,
        customer,
        currency: 'EUR',
        returnUrl: 'https://portal.test/paid',
        now: Date.now(),
      });
      expect(form).toMatchObject({ ok: true, value: { url: expect.stringMatching(/^https?:/) } });
      const stored = await gateway.storeMethod({ key: `method-${++keys}`, customer, token: 'nonsense' });
      expect(stored).toMatchObject({ ok: false, retryable: false });
    });

    it('makes one customer of an account, however often it is asked', async () => {
      const again = await subject.gateway.createCustomer({ key: 'customer/acme', account: 'acme' });
      expect(again).toEqual({ ok: true, value: { customer: subject.customer } });
    });

    it('believes webhooks that it signed, and no other', async () => {
      const { gateway } = subject;
      const externalId = idOf(await charge(wish()));
      const good = subject.webhook(externalId);
      const verdict = gateway.webhook(good);
      expect(verdict).toMatchObject({ ok: true, event: { type: 'outcome', verb: 'CHARGE', externalId } });
      expect(gateway.webhook(good)).toEqual(verdict);
      const forged = Buffer.from(Buffer.from(good.body).toString('utf8').replace(externalId, `${externalId}0`));
      expect(gateway.webhook({ ...good, body: forged })).toEqual({ ok: false, reason: 'signature' });
      expect(gateway.webhook({ ...good, headers: {} })).toEqual({ ok: false, reason: 'signature' });
      if (gateway.name !== 'authorize-net')
        expect(gateway.webhook({ ...good, now: good.now + 3_600_000 })).toEqual({ ok: false, reason: 'stale' });
    });

    it('is refused with wrong keys, and tells none of them', async () => {
      if (subject.intruder !== null) {
        const outcome = await subject.intruder.charge(wish());
        expect(outcome).toMatchObject({ state: 'refused', retryable: false });
        told.push(outcome);
      }
      for (const secret of [...subject.secrets, '4242424242424242']) expect(JSON.stringify(told)).not.toContain(secret);
    });

    it('knows that nothing moved when nobody is there', async () => {
      await subject.close();
      if (subject.secrets.length === 0) return expect(subject.gateway.name).toBe('sandbox');
      expect(await charge(wish())).toMatchObject({ state: 'refused', retryable: true, code: 'ECONNREFUSED' });
    });
  });
}

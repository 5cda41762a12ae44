import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PaymentGateway } from '../../../billing/payment/gateway.ts';
import { CREDENTIALS, type FakeAuthorizeNet, startFakeAuthorizeNet } from './fake-authorize-net.fixture.ts';
import { createAuthorizeNetGateway } from './gateway.ts';

describe('Authorize.Net', () => {
  let fake: FakeAuthorizeNet;
  let gateway: PaymentGateway;
  let customer = '';
  let keys = 0;

  beforeAll(async () => {
    fake = await startFakeAuthorizeNet();
    const options = { url: fake.url, formUrl: 'https://accept.test', signatureKey: 'k', deadlineMs: 20_000 };
    gateway = createAuthorizeNetGateway({ ...CREDENTIALS, ...options });
    const made = await gateway.createCustomer({ key: 'c', account: 'acme' });
    customer = made.ok ? made.value.customer : '';
  });
  afterAll(() => fake.close());

  async function charged(amount: bigint): Promise<{ key: string; externalId: string }> {
    keys += 1;
    const key = `here/acme/INV-${keys}/1/charge`;
    const outcome = await gateway.charge({ key, customer, method: '301', amount, currency: 'USD', description: 'INV' });
    if (outcome.state !== 'succeeded') throw new Error(outcome.state);
    return { key, externalId: outcome.externalId };
  }

  it('voids what is not settled yet, whole, and finds that out again', async () => {
    const { externalId } = await charged(4_200n);
    const back = { key: `back-${keys}`, externalId, currency: 'USD' };
    expect(await gateway.refund({ ...back, amount: 100n })).toMatchObject({
      state: 'declined',
      code: 'not_settled_yet',
      retryable: true,
    });
    expect(await gateway.refund({ ...back, amount: 4_200n })).toMatchObject({ state: 'succeeded' });
    const asked = { key: back.key, verb: 'REFUND' as const, customer, externalId, since: 0 };
    expect(await gateway.lookup(asked)).toEqual({ state: 'succeeded', externalId });
    expect(await gateway.refund({ ...back, amount: 4_200n })).toMatchObject({ state: 'succeeded' });
  });

  it('finds a charge among more than one page of others', async () => {
    const first = await charged(999n);
    for (let count = 0; count < 120; count += 1) await charged(BigInt(10_000 + count));
    const asked = { key: first.key, verb: 'CHARGE' as const, customer, externalId: null, since: 0 };
    expect(await gateway.lookup(asked)).toEqual({ state: 'succeeded', externalId: first.externalId });
    fake.settle();
    expect(await gateway.lookup(asked)).toEqual({ state: 'succeeded', externalId: first.externalId });
    expect(await gateway.lookup({ ...asked, key: 'never' })).toEqual({ state: 'absent' });
  });

  it('never takes a question that failed for an absence', async () => {
    for (const fault of ['busy', 'maintenance', 'broken', 'undoneCut'] as const) {
      fake.next(fault);
      const asked = { key: 'never', verb: 'CHARGE' as const, customer, externalId: null, since: 0 };
      expect(await gateway.lookup(asked)).toMatchObject({ state: 'unknown' });
    }
  });

  it('reads what may be shown of a card, and the form’s token', async () => {
    const stored = await gateway.storeMethod({ key: 'm', customer, token: 'card' });
    expect(stored).toEqual({ ok: true, value: { token: '301', brand: 'Visa', last4: '4242', expires: '2031-08' } });
    const form = await gateway.hostedForm({
      key: 'f',
      customer,
      currency: 'USD',
      returnUrl: 'https://portal.test',
      now: 1_000,
    });
    expect(form).toEqual({
      ok: true,
      value: { url: 'https://accept.test', fields: { token: 'hosted-token' }, expiresAt: 901_000 },
    });
  });
});

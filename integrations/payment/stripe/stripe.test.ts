import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { signTimed } from '../signature.ts';
import { fromStripeAmount, toStripeAmount } from './amount.ts';
import { createStripeGateway } from './gateway.ts';

const SECRET = 'whsec_of-the-test';
const gateway = createStripeGateway({
  url: 'http://127.0.0.1:1',
  secretKey: 'sk',
  webhookSecret: SECRET,
  deadlineMs: 100,
});

function told(type: string, object: object) {
  const body = JSON.stringify({ id: 'evt_1', type, data: { object } });
  const now = Date.now();
  const headers = { 'stripe-signature': signTimed(body, { secret: SECRET, now }) };
  const verdict = gateway.webhook({ body: Buffer.from(body), headers, now });
  return verdict.ok ? verdict.event : verdict;
}

describe('amounts at Stripe', () => {
  it.each([
    [1234n, 'EUR', 1234],
    [1234n, 'JPY', 1234],
    [12_340n, 'KWD', 12_340],
    [12_345n, 'KWD', null],
    [12n, 'ISK', 1200],
    [1200n, 'MGA', 12],
    [1234n, 'MGA', null],
    [0n, 'EUR', null],
  ])('%s minor units of %s are %s', (minor, currency, expected) => {
    expect(toStripeAmount(minor, currency)).toBe(expected);
  });

  it('come back as they went, wherever Stripe can take them', () => {
    fc.assert(
      fc.property(
        fc.bigInt(1n, 10n ** 12n),
        fc.constantFrom('EUR', 'JPY', 'KWD', 'ISK', 'MGA', 'UGX'),
        (minor, currency) => {
          const there = toStripeAmount(minor, currency);
          if (there !== null) expect(fromStripeAmount(there, currency)).toBe(minor);
        },
      ),
      { seed: 7 },
    );
  });
});

describe('webhooks of Stripe', () => {
  const intent = { id: 'pi_1', metadata: { steward_key: 'k' } };

  it('say how a charge ended', () => {
    const base = { type: 'outcome', verb: 'CHARGE', key: 'k', externalId: 'pi_1' };
    expect(told('payment_intent.succeeded', { ...intent, status: 'succeeded' })).toEqual({
      ...base,
      outcome: { state: 'succeeded', externalId: 'pi_1' },
    });
    const failed = {
      ...intent,
      status: 'requires_payment_method',
      last_payment_error: { code: 'card_declined', decline_code: 'lost_card' },
    };
    expect(told('payment_intent.payment_failed', failed)).toEqual({
      ...base,
      outcome: { state: 'declined', code: 'lost_card', retryable: false, externalId: 'pi_1' },
    });
    expect(told('payment_intent.succeeded', { ...intent, status: 'processing' })).toMatchObject({
      outcome: { state: 'unknown' },
    });
  });

  it('tell of disputes in our minor units, and not of warnings', () => {
    const dispute = { id: 'dp_1', payment_intent: 'pi_1', amount: 1200, currency: 'isk', status: 'needs_response' };
    const expected = { type: 'dispute', id: 'dp_1', externalId: 'pi_1', amount: 12n };
    expect(told('charge.dispute.created', dispute)).toEqual({ ...expected, state: 'opened' });
    expect(told('charge.dispute.closed', { ...dispute, status: 'won' })).toEqual({ ...expected, state: 'won' });
    expect(told('charge.dispute.created', { ...dispute, status: 'warning_needs_response' })).toBeNull();
  });

  it('about what is not ours, or not understood, are nobody’s business', () => {
    expect(told('payment_intent.succeeded', { id: 'pi_2', status: 'succeeded', metadata: {} })).toBeNull();
    expect(told('customer.created', { id: 'cus_1' })).toBeNull();
    expect(told('charge.dispute.created', { id: 'dp_1' })).toBeNull();
  });

  it('are refused when they are no JSON, however well they are signed', () => {
    const now = Date.now();
    const headers = { 'stripe-signature': signTimed('no json', { secret: SECRET, now }) };
    expect(gateway.webhook({ body: Buffer.from('no json'), headers, now })).toEqual({ ok: false, reason: 'malformed' });
  });

  it('never throw, whatever comes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, header) => {
        const now = 1_700_000_000_000;
        const body = JSON.stringify({ id: 'e', type: 'charge.dispute.created', data: { object: value } });
        const signed = { 'stripe-signature': signTimed(body, { secret: SECRET, now }) };
        expect(gateway.webhook({ body: Buffer.from(body), headers: signed, now })).toMatchObject({ ok: true });
        expect(
          gateway.webhook({ body: Buffer.from(body), headers: { 'stripe-signature': header }, now }),
        ).toMatchObject({ ok: false });
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});

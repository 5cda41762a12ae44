import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FOREVER } from '../calendar/interval.ts';
import { type Attempt, called, type Evidence, initiated, isOpen, learned, mayCall, told } from './attempt.ts';

const CAPABILITIES = { deadlineMs: 30_000, keyLifetimeMs: 86_400_000, lookupLagMs: 60_000 };
const NOW = Date.UTC(2026, 2, 1);
const MINUTE = 60_000;

const NEW = initiated(
  {
    id: 'a',
    account: 'acme',
    gateway: 'sandbox',
    key: 'k',
    verb: 'CHARGE',
    purpose: { type: 'INVOICE', invoice: 'INV-1', adjust: false },
    amount: 1000n,
    currency: 'EUR',
    customer: 'c',
    method: 'm',
  },
  NOW,
);
const SENT = called(NEW, NOW, CAPABILITIES);

const hearing = (attempt: Attempt, evidence: Evidence, now = NOW) =>
  learned(attempt, evidence, { now, capabilities: CAPABILITIES });
const paid = (externalId: string, from: 'call' | 'webhook' = 'call'): Evidence => ({
  from,
  outcome: { state: 'succeeded', externalId },
});
const no = (retryable: boolean): Evidence => ({
  from: 'call',
  outcome: { state: 'declined', code: 'no', retryable, externalId: null },
});
const lost: Evidence = { from: 'call', outcome: { state: 'unknown', code: 'lost', externalId: null } };
const asked = (state: 'absent' | 'unknown'): Evidence =>
  state === 'absent'
    ? { from: 'lookup', outcome: { state } }
    : { from: 'lookup', outcome: { state, code: 'x', externalId: null } };

describe('an attempt', () => {
  it('may be sent only by who has just written it', () => {
    expect(mayCall(SENT, NOW + 29_999)).toBe(true);
    expect(mayCall(SENT, NOW + 30_000)).toBe(false);
    expect(SENT.dueAt).toBeGreaterThanOrEqual(NOW + 30_000 + CAPABILITIES.deadlineMs);
  });

  it('is asked about after 5 minutes, an hour, and daily five times; then a person is', () => {
    let { attempt } = hearing(SENT, lost);
    const pauses = [attempt.dueAt - NOW];
    for (let polls = 0; attempt.state === 'UNKNOWN'; polls += 1) {
      expect(polls).toBeLessThan(10);
      const now = attempt.dueAt;
      const next = hearing(attempt, asked('unknown'), now);
      attempt = next.attempt;
      if (attempt.state === 'UNKNOWN') pauses.push(attempt.dueAt - now);
      else expect(next.alert).toBe('Unresolved');
    }
    const [HOUR, DAY] = [60 * MINUTE, 1440 * MINUTE];
    expect(pauses).toEqual([5 * MINUTE, HOUR, DAY, DAY, DAY, DAY, DAY]);
    expect([attempt.state, attempt.dueAt, isOpen(attempt)]).toEqual(['UNRESOLVED', FOREVER, true]);
  });

  it('is believed absent only once a lookup must have known of it, and then sent with its old key', () => {
    const { attempt } = hearing(SENT, lost);
    const early = hearing(attempt, asked('absent'), NOW + MINUTE);
    expect([early.repeat, early.attempt.dueAt]).toEqual([false, NOW + 2 * MINUTE]);
    expect(hearing(attempt, asked('absent'), NOW + 5 * MINUTE).repeat).toBe(true);
    const late = hearing(attempt, asked('absent'), NOW + 1400 * MINUTE);
    expect([late.repeat, late.attempt.state]).toEqual([false, 'LAPSED']);
  });

  it('is not sent for ever', () => {
    const tired = { ...SENT, calls: 5 };
    expect(hearing(tired, asked('absent'), NOW + 5 * MINUTE)).toMatchObject({
      repeat: false,
      attempt: { state: 'LAPSED' },
    });
  });

  it('that was refused says that nothing moved, unless an earlier call may have', () => {
    const refused: Evidence = { from: 'call', outcome: { state: 'refused', code: 'keys', retryable: false } };
    expect(hearing(SENT, refused)).toMatchObject({ alert: 'GatewayRefuses', attempt: { state: 'LAPSED' } });
    expect(hearing({ ...SENT, calls: 2 }, refused)).toMatchObject({ alert: null, attempt: { state: 'UNKNOWN' } });
    const busy: Evidence = { from: 'lookup', outcome: { state: 'refused', code: 'busy', retryable: true } };
    expect(hearing(SENT, busy)).toMatchObject({ alert: null, attempt: { state: 'UNKNOWN', polls: 1 } });
  });

  it('that has two ids of the gateway was charged twice, which somebody must see', () => {
    const { attempt } = hearing(SENT, paid('ch_1'));
    expect(hearing(attempt, paid('ch_1', 'webhook'))).toMatchObject({ alert: null, attempt: { externalId: 'ch_1' } });
    expect(hearing(attempt, paid('ch_2', 'webhook'))).toMatchObject({
      alert: 'ChargedTwice',
      attempt: { externalId: 'ch_1' },
    });
  });

  it('believes money that moved after all, books it, and tells of the contradiction', () => {
    const declined = told(hearing(SENT, no(false)).attempt);
    const late = hearing(declined, paid('ch_1', 'webhook'));
    expect(late).toMatchObject({ alert: 'Contradiction', attempt: { state: 'SUCCEEDED', booked: false, dueAt: NOW } });
    expect(hearing(late.attempt, no(true))).toMatchObject({ alert: 'Contradiction', attempt: { state: 'SUCCEEDED' } });
  });

  it('ends the same in every order of the same evidence', () => {
    const evidence = fc.constantFrom<Evidence>(lost, asked('unknown'), asked('absent'), no(true), no(false), {
      from: 'webhook',
      outcome: { state: 'requiresAction', externalId: 'ch_1', url: null },
    });
    fc.assert(
      fc.property(fc.array(evidence, { maxLength: 12 }), fc.nat(12), fc.nat(10), (others, place, hours) => {
        const all = [...others.slice(0, place), paid('ch_1'), ...others.slice(place)];
        const now = NOW + hours * 60 * MINUTE;
        const end = all.reduce((attempt, each) => hearing(attempt, each, now).attempt, SENT);
        expect([end.state, end.externalId, end.booked]).toEqual(['SUCCEEDED', 'ch_1', false]);
        const without = others.reduce((attempt, each) => hearing(attempt, each, now).attempt, SENT);
        expect(without.state).not.toBe('SUCCEEDED');
      }),
      { seed: 31, numRuns: 500 },
    );
  });
});

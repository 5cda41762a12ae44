import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
import { attemptsOf, countAttempt, forgive } from '../../identity/attempts.ts';
import { digestOf } from '../../identity/one-way.ts';
import { describeRecords } from '../../test/contracts/identity-records.ts';
import { TEST_VAULT } from '../../test/fixtures/vault.ts';
import { type FreshDatabase, freshDatabase } from '../../test/postgres.ts';
import { createDatabase } from '../database.ts';
import { createPool } from '../pool.ts';
import { createOutbox } from './outbox.ts';
import { createRecords } from './records.ts';

jest.setTimeout(120_000);

let fresh: FreshDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  fresh = await freshDatabase();
  pool = createPool({ url: fresh.url });
});
afterAll(async () => {
  await pool.end();
  await fresh.drop();
});

describeRecords('records in PostgreSQL', async () => {
  await pool.query('truncate identity_records');
  return createRecords(createDatabase(pool), TEST_VAULT.personal);
});

describe('counts of failures', () => {
  it('are not kept under what can be guessed from an address', async () => {
    await pool.query('truncate identity_records');
    const records = createRecords(createDatabase(pool), TEST_VAULT.personal);
    const policy = { scope: 'signIn', free: 5, firstWaitMs: 1, longestWaitMs: 1, forgetMs: 1_000 };
    const asked = { whom: 'philomena@xanter.example', now: 5 };
    for (let tries = 0; tries < 3; tries++) await countAttempt(records, policy, asked);
    expect(await attemptsOf(records, policy, asked)).toBe(3);
    const { rows } = await pool.query('select key from identity_records');
    expect(rows).toHaveLength(1);
    expect(rows[0].key).not.toBe(digestOf('attempts', 'signIn', asked.whom));
    await forgive(records, policy, asked.whom);
    expect(await attemptsOf(records, policy, asked)).toBe(0);
  });
});

const SEEN = { from: '203.0.113.77', agent: 'Zwieselbrowser/7.3' };

describe('where people come from, and with what', () => {
  it.each([
    ['session', SEEN],
    ['oneTime', { purpose: 'device', user: 'anna', data: { ...SEEN, state: 'asked' } }],
  ] as const)('is sealed in a %s', async (kind, value) => {
    const records = createRecords(createDatabase(pool), TEST_VAULT.personal);
    await records.remove(kind, 'k');
    await records.insert(kind, { key: 'k', subject: 's', value: value as never, expiresAt: null });
    const { rows } = await pool.query('select value::text as text from identity_records where kind = $1', [kind]);
    expect(rows).toHaveLength(1);
    for (const text of Object.values(SEEN)) expect(rows[0].text).not.toContain(text);
    const kept = await records.get(kind, 'k');
    expect(kept?.value).toEqual(value);
  });
});

describe('the outbox in PostgreSQL', () => {
  it('has one row per event, recipient and template, oldest first', async () => {
    const outbox = createOutbox(createDatabase(pool));
    const letter = (id: string, recipientIndex: string, createdAt: number) => ({
      id,
      event: 'reset:1',
      template: 'PasswordReset' as const,
      recipient: 'sealed',
      recipientIndex,
      params: 'sealed',
      createdAt,
    });
    expect(await Promise.all([outbox.put(letter('l1', 'anna', 2)), outbox.put(letter('l2', 'anna', 2))])).toContain(
      false,
    );
    expect(await outbox.put(letter('l3', 'bert', 1))).toBe(true);
    expect((await outbox.waiting(10)).map(({ recipientIndex }) => recipientIndex)).toEqual(['bert', 'anna']);
  });
});

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
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

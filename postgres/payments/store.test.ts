import { jest } from '@jest/globals';
import { describePaymentRecords } from '../../test/contracts/payment-records.ts';
import { freshDatabase } from '../../test/postgres.ts';
import { createDatabase } from '../database.ts';
import { createPool } from '../pool.ts';
import { createAttemptStore, createCustomers } from './store.ts';

jest.setTimeout(120_000);

describePaymentRecords('records of payments in PostgreSQL', async () => {
  const fresh = await freshDatabase();
  const pool = createPool({ url: fresh.url });
  const database = createDatabase(pool);
  return {
    attempts: createAttemptStore(database),
    customers: createCustomers(database),
    close: async () => {
      await pool.end();
      await fresh.drop();
    },
  };
});

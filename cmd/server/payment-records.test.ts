import { describePaymentRecords } from '../../test/contracts/payment-records.ts';
import { createMemoryPayments } from './payment-records.ts';

describePaymentRecords('records of payments in memory', async () => ({
  ...createMemoryPayments(),
  close: async () => undefined,
}));

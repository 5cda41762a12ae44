import type { AttemptStore } from '../../billing/payment/attempt-store.ts';
import { type Customers, createMemoryCustomers } from '../../billing/payment/customers.ts';
import { createMemoryAttempts } from '../../billing/payment/memory-attempts.ts';

/** Where payments are kept. */
export interface PaymentRecords {
  attempts: AttemptStore;
  customers: Customers;
}

/** They end with the process. */
export function createMemoryPayments(): PaymentRecords {
  return { attempts: createMemoryAttempts(), customers: createMemoryCustomers() };
}

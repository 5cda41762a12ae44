import type { Instant } from '../calendar/interval.ts';

/** Money that moved, or moved back. */
export interface Payment {
  id: string;
  /** The payer's or the gateway's own id: a second one with it is the same payment. */
  key: string | null;
  invoice: string;
  at: Instant;
  kind: 'PAYMENT' | 'REFUND' | 'CHARGEBACK' | 'CHARGEBACK_REVERSED';
  amount: bigint;
  /** What the money is known by outside: a transfer, a cheque, a bank's notice, the gateway's own id. */
  reference?: string | null;
}

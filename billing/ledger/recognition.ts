import type { Instant } from '../calendar/interval.ts';

/** What became revenue of an invoice that was paid ahead, up to a midnight. */
export interface Recognition {
  id: string;
  invoice: string;
  at: Instant;
  /** Above 0. */
  amount: bigint;
  /** Of the invoice, with this one. */
  recognised: bigint;
}

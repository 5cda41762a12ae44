export const BREACH_ACTIONS = ['NO_ACTION', 'ALERT_INTERNAL', 'ALERT', 'AUTO_PAY', 'RESTRICT', 'SUSPEND'] as const;

export interface CreditLimit {
  amount: bigint;
  /** What a breach does. Only the last two refuse what is new. */
  action: (typeof BREACH_ACTIONS)[number];
}

export interface Exposure {
  /** What invoices owe. */
  receivable: bigint;
  /** What is used or begun, and not billed. */
  unbilled: bigint;
  /** What stands to the account's credit, wallets included. */
  credit: bigint;
}

/** What a limit says to an exposure, or to what it would become: the same at admission as afterwards. */
export function creditCheck(
  { amount, action }: CreditLimit,
  { receivable, unbilled, credit }: Exposure,
): { outcome: 'within' | 'warned' | 'refused'; exposure: bigint } {
  const exposure = receivable + unbilled - credit;
  if (exposure <= amount) return { outcome: 'within', exposure };
  return { outcome: action === 'RESTRICT' || action === 'SUSPEND' ? 'refused' : 'warned', exposure };
}

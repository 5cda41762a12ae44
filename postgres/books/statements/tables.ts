/** The facts that are a body and nothing beside it: field of the facts → table. */
export const FACT_TABLES = {
  calendars: 'account_calendars',
  settlements: 'settlements',
  credits: 'credits',
  payments: 'payments',
  wallets: 'wallets',
  walletMoves: 'wallet_moves',
  recognitions: 'recognitions',
  authorisations: 'authorisations',
  holds: 'holds',
  dunningDone: 'dunning_steps',
  alerts: 'budget_alerts',
  adjustments: 'adjustments',
} as const;

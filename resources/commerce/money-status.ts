import { z } from 'zod';

/** An amount as statuses show it. */
export function moneyStatus() {
  return z.object({
    amount: z.string().describe('Decimal, in major units.'),
    currency: z.string().describe('ISO 4217 code.'),
  });
}

export function moneyCell(value: unknown): string | undefined {
  const money = value as { amount: string; currency: string } | null | undefined;
  return money ? `${money.amount} ${money.currency}` : undefined;
}

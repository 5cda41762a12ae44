import { DEFAULT_POLICY, type Policy } from '../settle/policy.ts';
import type { SharedWishes } from './account-wishes.ts';
import type { Wish } from './wish.ts';

/** What was decided for accounts whose own words say nothing. */
export interface Usual {
  policy: Policy;
  /** Name of a DunningPolicy. */
  dunningPolicy: string | null;
  /** Parts of a budget at which somebody is told, in percent. */
  budgetMarks: readonly number[];
}

const HOUR = 3_600_000;

/** Pure: the settings among the shared wishes stand there under their places; the narrowest that is there counts. */
export function usualFor(shared: SharedWishes, where: { channel?: unknown; type?: unknown }): Usual {
  const settings = shared.get('Setting');
  const decided = (key: string): unknown => {
    const places = [`${key}/accountType/${where.type}`, `${key}/channel/${where.channel}`, `${key}/global`];
    const found = places.map((place) => settings?.get(place)?.spec).find((spec) => spec !== undefined);
    return (found as { value?: unknown } | undefined)?.value;
  };
  const whole = (key: string, otherwise: number) => {
    const value = decided(key);
    return typeof value === 'number' ? value : otherwise;
  };
  const period = decided('billing.period');
  const dunning = decided('billing.dunningPolicy');
  const marks = decided('billing.budgetMarks');
  return {
    policy: {
      ...DEFAULT_POLICY,
      billing: period === 'CALENDAR' || period === 'ANNIVERSARY' ? period : DEFAULT_POLICY.billing,
      collectionWindowMs: whole('billing.collectionWindowHours', DEFAULT_POLICY.collectionWindowMs / HOUR) * HOUR,
      dueDays: whole('billing.dueDays', DEFAULT_POLICY.dueDays),
    },
    dunningPolicy: typeof dunning === 'string' && dunning !== '' ? dunning : null,
    budgetMarks: Array.isArray(marks) ? marks.filter((mark): mark is number => Number.isInteger(mark)) : [],
  };
}

/** Budgets that name no thresholds tell somebody at these parts of their amounts, rounded up: never before they are reached. */
export function withBudgetMarks(wishes: readonly Wish[], marks: readonly number[]): Wish[] {
  return wishes.map((wish): Wish => {
    if (wish.kind !== 'Budget' || wish.value.thresholds.length > 0) return wish;
    const thresholds = marks.map((mark) => (wish.value.amount * BigInt(mark) + 99n) / 100n);
    return { ...wish, value: { ...wish.value, thresholds: [...new Set(thresholds)] } };
  });
}

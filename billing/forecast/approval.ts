import { parseMoney } from '../money/currency.ts';
import type { PriceImpact } from './price.ts';

/** Up to what somebody stands for. */
export interface ApprovedImpact {
  accounts: number;
  /** Decimal of major units, more and less added up. */
  month: string;
}

/** New prices that touch no more than so many, by no more than so many whole units a month, need nobody's word. */
const FREE = { accounts: 10, units: 100 };

/** What new prices do to those who subscribed already, where that is more than anybody approved, in words; null: nothing stands against it. */
export function unapproved(
  { impact, complete }: { impact: readonly PriceImpact[]; complete: boolean },
  approved: ApprovedImpact | undefined,
): string | null {
  const accounts = impact.reduce((sum, each) => sum + each.accounts, 0);
  const isLittle = accounts <= FREE.accounts && impact.every((each) => isWithin(each, `${FREE.units}`));
  const isApproved =
    approved !== undefined && accounts <= approved.accounts && impact.every((each) => isWithin(each, approved.month));
  // Of those that were not looked at nobody can stand for a number.
  if (complete && (isLittle || isApproved)) return null;
  if (!complete && isApproved && approved.accounts > accounts) return null;
  const sums = impact.filter((each) => each.accounts > 0).map(({ gross, currency }) => `${gross} ${currency}`);
  const whom = `${complete ? '' : 'more than '}${accounts} ${accounts === 1 ? 'account' : 'accounts'}`;
  const most = impact.map(({ gross }) => gross).toSorted((a, b) => b.length - a.length || (a < b ? 1 : -1))[0] ?? '0';
  return `changes what ${whom} pay that subscribed already, by ${sums.join(' and ')} a month: see "steward plan", and where it is meant write approvedImpact: {accounts: ${complete ? accounts : accounts + 1}, month: "${most}", by: …}.`;
}

function isWithin({ gross, currency }: PriceImpact, most: string): boolean {
  const [sum, limit] = [parseMoney(gross, currency), parseMoney(most, currency)];
  return sum !== undefined && limit !== undefined && sum <= limit;
}

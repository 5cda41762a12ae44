import type { Interval } from '../calendar/interval.ts';
import { total } from '../group.ts';
import type { LedgerTransaction } from './posting.ts';

/** A period of an account, from the ledger alone: net = opening − payments − credits + charges, and the next opens with it. */
export interface Statement {
  opening: bigint;
  payments: bigint;
  credits: bigint;
  charges: bigint;
  net: bigint;
}

/** Where what settles an invoice comes from; of the own house's accounts, its own chargeback. */
const MONEY: ReadonlySet<string> = new Set(['gateway_clearing', 'internal_chargeback']);

export function statementOf(ledger: readonly LedgerTransaction[], { from, to }: Interval): Statement {
  const within = ledger.filter(({ bookedAt }) => from <= bookedAt && bookedAt < to);
  const isCharge = ({ id }: LedgerTransaction) => id.startsWith('invoice/');
  const isPayment = ({ entries }: LedgerTransaction) => entries.some(({ account }) => MONEY.has(account));
  const rest = within.filter((each) => !isCharge(each));
  return {
    opening: total(
      ledger.filter(({ bookedAt }) => bookedAt < from),
      owedBy,
    ),
    payments: -total(rest.filter(isPayment), owedBy),
    credits: -total(
      rest.filter((each) => !isPayment(each)),
      owedBy,
    ),
    charges: total(within.filter(isCharge), owedBy),
    net: total(
      ledger.filter(({ bookedAt }) => bookedAt < to),
      owedBy,
    ),
  };
}

/** How much more a transaction makes the customer owe: what is receivable, less what stands to their credit. */
function owedBy({ entries }: LedgerTransaction): bigint {
  return total(
    entries.filter(({ account }) => account === 'receivable' || account === 'customer_credit'),
    ({ side, minor }) => (side === 'DEBIT' ? minor : -minor),
  );
}

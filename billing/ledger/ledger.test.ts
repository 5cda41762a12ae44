import { describe, expect, it } from '@jest/globals';
import type { LedgerTransaction } from './posting.ts';
import { balances, imbalanceOf } from './posting.ts';
import { statementOf } from './statement.ts';

const transaction = (
  id: string,
  bookedAt: number,
  [debit, credit, minor]: [string, string, bigint],
): LedgerTransaction => ({
  id,
  bookedAt,
  entries: [
    { account: debit, side: 'DEBIT', minor },
    { account: credit, side: 'CREDIT', minor },
  ],
});

describe('the ledger', () => {
  it('T-78: a statement opens with 100, 60 are paid, 10 credited, 45 charged: 75, with which the next opens', () => {
    const ledger = [
      transaction('invoice/1', 5, ['receivable', 'revenue:usage', 100n]),
      transaction('settlement/1', 12, ['gateway_clearing', 'receivable', 60n]),
      transaction('credit-note/1', 13, ['revenue:usage', 'customer_credit', 10n]),
      transaction('settlement/2', 14, ['customer_credit', 'receivable', 10n]),
      transaction('invoice/2', 15, ['receivable', 'revenue:usage', 45n]),
      transaction('invoice/3', 20, ['receivable', 'revenue:usage', 7n]),
    ];
    expect(statementOf(ledger, { from: 10, to: 20 })).toEqual({
      opening: 100n,
      payments: 60n,
      credits: 10n,
      charges: 45n,
      net: 75n,
    });
    expect(statementOf(ledger, { from: 20, to: 30 }).opening).toBe(75n);
  });

  it('knows a transaction that does not balance, and what stands on each account', () => {
    const good = transaction('a', 0, ['receivable', 'tax_payable', 5n]);
    const broken = { ...good, entries: good.entries.slice(0, 1) };
    expect([imbalanceOf(good), imbalanceOf(broken)]).toEqual([0n, 5n]);
    expect(Object.fromEntries(balances([good, good]))).toEqual({ receivable: 10n, tax_payable: -10n });
  });
});

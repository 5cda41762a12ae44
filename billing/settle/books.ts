import type { Budget, BudgetAlert } from '../budget.ts';
import type { Day } from '../calendar/civil.ts';
import type { Instant } from '../calendar/interval.ts';
import type { CreditLimit } from '../credit-limit.ts';
import type { CreditNote, Invoice } from '../document/document.ts';
import type { Counter, NumberSeries } from '../document/number-series.ts';
import type { Taxes } from '../document/tax-port.ts';
import type { DunningPolicy, DunningStepDone, Hold } from '../dunning/dunning.ts';
import { total } from '../group.ts';
import type { LedgerTransaction } from '../ledger/posting.ts';
import type { Recognition } from '../ledger/recognition.ts';
import type { Payment } from '../payment/payment.ts';
import type { Authorisation } from '../payment/pre-authorisation.ts';
import type { Wallet, WalletMove } from '../payment/wallet.ts';
import type { CoverageRow, LevelRow } from '../usage/journal.ts';
import type { UsageWindow } from '../usage/window.ts';
import type { CalendarFact } from './calendars.ts';
import type { Catalog } from './catalog.ts';
import type { EarlierCalendar } from './context.ts';
import type { Policy } from './policy.ts';
import type { Subscription } from './subscription.ts';

/** Who is billed, and how. */
export interface BilledAccount {
  name: string;
  currency: string;
  zone: string;
  anchorDay: Day | null;
  /** Its calendars before this one, oldest first: each counts until its next boundary. */
  earlier?: readonly EarlierCalendar[];
  jurisdiction: string;
  /** Somebody looked at an unusual draft: those up to this sum are issued. */
  approvedTotal?: bigint | null;
  /** Where it buys; null: nowhere in particular. */
  channel?: string | null;
  policy: Policy;
  dunning: DunningPolicy | null;
  creditLimit: CreditLimit | null;
  /** Set aside on the card before a subscription begins; null: nothing. */
  preAuthorisation?: bigint | null | undefined;
  /** Statements are computed, and settled by themselves against the installation's own accounts. */
  isNotional?: boolean | undefined;
  series: Record<'invoice' | 'creditNote', NumberSeries>;
}

/** Facts: append-only, and all that one account's billing ever wrote. */
export interface Facts {
  /** What cuts its periods, oldest first; none before its first subscription. */
  calendars: readonly CalendarFact[];
  invoices: readonly Invoice[];
  creditNotes: readonly CreditNote[];
  /** What made an invoice's balance smaller, or larger again. */
  settlements: readonly Settlement[];
  credits: readonly CreditEntry[];
  payments: readonly Payment[];
  wallets: readonly Wallet[];
  walletMoves: readonly WalletMove[];
  /** What became revenue of what was deferred; the newest of an invoice counts. */
  recognitions: readonly Recognition[];
  authorisations: readonly Authorisation[];
  holds: readonly Hold[];
  dunningDone: readonly DunningStepDone[];
  alerts: readonly BudgetAlert[];
  events: readonly BillingEvent[];
  ledger: readonly LedgerTransaction[];
  /** The newest of a series and year counts. */
  counters: readonly Counter[];
}

/** Everything that one account's billing is a function of. */
export interface Books extends Facts {
  /** Of drafts; without it, by the rules of the catalog. */
  taxes?: Taxes;
  account: BilledAccount;
  catalog: Catalog;
  budgets: readonly Budget[];
  subscriptions: readonly Subscription[];
  /** From outside, as windows; and what the cloud observed of itself. */
  usage: readonly UsageWindow[];
  levels: readonly LevelRow[];
  coverage: readonly CoverageRow[];
  /** How often campaigns were taken by all others; none where nobody asked. */
  redeemedElsewhere?: ReadonlyMap<string, bigint>;
}

export type SettlementKind =
  | 'CREDIT'
  | 'WALLET'
  | 'PAYMENT'
  | 'REFUND'
  | 'CHARGEBACK'
  | 'CHARGEBACK_REVERSED'
  | 'WRITE_OFF'
  /** Of accounts of the own house. */
  | 'NOTIONAL';

export interface Settlement {
  id: string;
  invoice: string;
  at: Instant;
  kind: SettlementKind;
  /** Above 0: the balance falls. */
  amount: bigint;
  /** The payment or the wallet. */
  via: string | null;
}

export interface CreditEntry {
  id: string;
  at: Instant;
  /** Above 0: the account has more. */
  amount: bigint;
  kind: 'CREDIT_NOTE' | 'GRANT' | 'OVERPAYMENT' | 'APPLIED' | 'REFUNDED' | 'TRANSFERRED';
  cause: string;
  /** Of what went to another account: how much arrives there, in its own currency. */
  arrives?: bigint;
  /** Of a gift: why it was given. */
  reason?: string;
}

export interface BillingEvent {
  at: Instant;
  code: string;
  subject: string;
}

export const NO_FACTS: Facts = {
  calendars: [],
  invoices: [],
  creditNotes: [],
  settlements: [],
  credits: [],
  payments: [],
  wallets: [],
  walletMoves: [],
  recognitions: [],
  authorisations: [],
  holds: [],
  dunningDone: [],
  alerts: [],
  events: [],
  ledger: [],
  counters: [],
};

export function joinFacts(a: Facts, b: Partial<Facts>): Facts {
  return {
    calendars: [...a.calendars, ...(b.calendars ?? [])],
    invoices: [...a.invoices, ...(b.invoices ?? [])],
    creditNotes: [...a.creditNotes, ...(b.creditNotes ?? [])],
    settlements: [...a.settlements, ...(b.settlements ?? [])],
    credits: [...a.credits, ...(b.credits ?? [])],
    payments: [...a.payments, ...(b.payments ?? [])],
    wallets: [...a.wallets, ...(b.wallets ?? [])],
    walletMoves: [...a.walletMoves, ...(b.walletMoves ?? [])],
    recognitions: [...a.recognitions, ...(b.recognitions ?? [])],
    authorisations: [...a.authorisations, ...(b.authorisations ?? [])],
    holds: [...a.holds, ...(b.holds ?? [])],
    dunningDone: [...a.dunningDone, ...(b.dunningDone ?? [])],
    alerts: [...a.alerts, ...(b.alerts ?? [])],
    events: [...a.events, ...(b.events ?? [])],
    ledger: [...a.ledger, ...(b.ledger ?? [])],
    counters: [...(b.counters ?? []), ...a.counters],
  };
}

/** What is still owed on an invoice. */
export function balanceOf({ number, total: whole }: Invoice, { settlements }: Facts): bigint {
  return (
    whole -
    total(
      settlements.filter(({ invoice }) => invoice === number),
      ({ amount }) => amount,
    )
  );
}

export function creditOf({ credits }: Facts): bigint {
  return total(credits, ({ amount }) => amount);
}

/** Money that came in for an invoice and stayed. */
export function paidOn(number: string, { payments }: Pick<Facts, 'payments'>): bigint {
  return total(
    payments.filter(({ invoice }) => invoice === number),
    ({ kind, amount }) => (kind === 'PAYMENT' || kind === 'CHARGEBACK_REVERSED' ? amount : -amount),
  );
}

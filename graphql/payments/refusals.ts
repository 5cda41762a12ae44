import type { CashierRefusal } from '../../billing/payment/cashier.ts';

/** What each refusal means, and what to do. */
export const REFUSALS: Readonly<Record<CashierRefusal, string>> = {
  AdjustmentExceedsLine: 'That is more than is left of the line.',
  AmountBeyondDue: 'That is more than is owed. Pay what is due, or top up a wallet.',
  AmountNotPositive: 'An amount is above 0.',
  AmountUnreadable: 'Write an amount above 0 in the currency of the account, such as "12.50".',
  ChargebackExceedsPaid: 'That is more than was paid.',
  DuplicatePayment: 'That payment is booked already.',
  InvoiceNotVoidable: 'Something was paid or credited on it: write a credit note instead.',
  NoChargeback: 'Nothing of it is charged back.',
  NoPaymentMethod: 'The account has no payment method that can be used. Store one with paymentForm, or name another.',
  NoSuchCharge: 'No gateway took that money. Give back by hand what came by hand, and record it.',
  NotUnresolved: 'Its outcome is known, or still being asked for.',
  NothingDue: 'Nothing is owed on this invoice.',
  PaymentUnderWay: 'A payment for the same is under way. Wait until its outcome is known.',
  RefundBeyondCharge: 'The gateways took less than that. Give back by hand what came by hand, and record it.',
  RefundExceedsPaid: 'That is more than was paid and not given back yet.',
  UnknownAttempt: 'The account has no such payment attempt.',
  UnknownHold: 'There is no such hold.',
  UnknownInvoice: 'The account has no such invoice.',
  UnknownLine: 'There is no such line.',
  RefundExceedsWallet: 'That is more than is left in the wallet.',
  UnknownWallet: 'The account has no such wallet.',
  WalletNotRefundable: 'What is in this wallet is to be used: it was not made refundable.',
  WalletPromotional: 'What is in this wallet was a gift: it is not paid back.',
  WalletTopsUp: 'The wallet buys more by itself when it is low: take topUp off it first.',
};

import type { Instant } from '../calendar/interval.ts';
import type { Books } from '../settle/books.ts';
import { record } from '../settle/issue.ts';
import type { CommandResult, RefusalCode } from './command.ts';
import { walletBalance } from './wallet.ts';

export interface WalletRefund {
  wallet: string;
  /** Null: all that is left. */
  amount: bigint | null;
  key?: string;
  /** Of the transfer by which it was paid back; null: through the gateway that took it. */
  reference: string | null;
}

/** Takes unspent money out of a wallet to pay it back: at once, so that nothing else is paid with it meanwhile. */
export function walletRefunded(
  books: Books,
  { wallet: name, amount, key, reference }: WalletRefund,
  at: Instant,
): CommandResult {
  const id = walletRefundId(key ?? `${name}/${books.walletMoves.length}`);
  if (books.walletMoves.some((move) => move.id === id)) return refused('DuplicatePayment');
  const wallet = books.wallets.find((each) => each.name === name);
  if (wallet === undefined) return refused('UnknownWallet');
  if (wallet.bucket === 'PROMOTIONAL') return refused('WalletPromotional');
  if (wallet.refundable !== true) return refused('WalletNotRefundable');
  const isOver = wallet.expiresAt !== null && wallet.expiresAt <= at;
  const balance = isOver ? 0n : walletBalance(name, books.walletMoves);
  const back = amount ?? balance;
  if (back <= 0n || back > balance) return refused('RefundExceedsWallet');
  const code = reference === null ? 'WalletRefundRequested' : 'WalletPaidBack';
  return {
    outcome: 'done',
    books: record(books, {
      walletMoves: [{ id, wallet: name, at, amount: -back, kind: 'REFUNDED', reference }],
      events: [{ at, code, subject: name }],
    }),
  };
}

export const walletRefundId = (key: string): string => `refund/${key}`;

const refused = (code: RefusalCode): CommandResult => ({ outcome: 'refused', code });

import type { Instant } from '../calendar/interval.ts';
import { total } from '../group.ts';

/** Money paid or granted ahead. Buckets are drawn by priority, then by what expires first, then by name. */
export interface Wallet {
  name: string;
  bucket: 'PAID' | 'PROMOTIONAL';
  /** Smaller is drawn first. */
  priority: number;
  /** Exclusive; null: never. */
  expiresAt: Instant | null;
  /** What is left of it may be paid back. Never a gift. */
  refundable?: boolean;
}

export interface WalletMove {
  id: string;
  wallet: string;
  at: Instant;
  /** Above 0: the wallet has more. */
  amount: bigint;
  kind: 'TOP_UP' | 'USED' | 'EXPIRED' | 'REFUNDED' | 'RETURNED';
  /** Of REFUNDED: how it was paid back by hand; null: through the gateway that took it. */
  reference?: string | null;
}

export function walletBalance(wallet: string, moves: readonly WalletMove[]): bigint {
  return total(
    moves.filter((move) => move.wallet === wallet),
    ({ amount }) => amount,
  );
}

/** Which wallets pay how much of a rounded total; never more than is in them. */
export function drawWallets(
  due: bigint,
  { wallets, walletMoves }: { wallets: readonly Wallet[]; walletMoves: readonly WalletMove[] },
  at: Instant,
): { wallet: Wallet; amount: bigint }[] {
  let open = due;
  return wallets
    .filter(({ expiresAt }) => expiresAt === null || at < expiresAt)
    .toSorted(byOrder)
    .flatMap((wallet) => {
      const balance = walletBalance(wallet.name, walletMoves);
      const amount = balance < open ? balance : open;
      if (amount <= 0n) return [];
      open -= amount;
      return [{ wallet, amount }];
    });
}

/** What is left in a wallet when its time is over goes to breakage, once. */
export function expiries(
  { wallets, walletMoves }: { wallets: readonly Wallet[]; walletMoves: readonly WalletMove[] },
  now: Instant,
): WalletMove[] {
  return wallets.flatMap(({ name, expiresAt }) => {
    const balance = walletBalance(name, walletMoves);
    if (expiresAt === null || expiresAt > now || balance <= 0n) return [];
    return [
      { id: `${name}/expired/${expiresAt}`, wallet: name, at: expiresAt, amount: -balance, kind: 'EXPIRED' as const },
    ];
  });
}

function byOrder(a: Wallet, b: Wallet): number {
  const expiry = (a.expiresAt ?? Number.POSITIVE_INFINITY) === (b.expiresAt ?? Number.POSITIVE_INFINITY);
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (!expiry) return (a.expiresAt ?? Number.POSITIVE_INFINITY) < (b.expiresAt ?? Number.POSITIVE_INFINITY) ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

import type { AccountSight } from '../../ports.ts';

export const ACCOUNT_STATES = ['NEW', 'ACTIVE', 'RESTRICTED', 'SUSPENDED', 'TERMINATED'] as const;
export type AccountState = (typeof ACCOUNT_STATES)[number];

/** Holds that people set. What the books do by themselves ends when it is paid, so it is never the end of an account. */
const BOOKS: readonly string[] = ['dunning', 'credit'];

/** Pure: the severest of what holds an account. `active`: it has begun, or nothing has to happen before. */
export function accountState({
  active,
  terminated,
  holds,
}: {
  active: boolean;
  terminated: boolean;
  holds: readonly Pick<AccountSight['holds'][number], 'source' | 'severity'>[];
}): AccountState {
  if (terminated || holds.some(isEnd)) return 'TERMINATED';
  if (!active) return 'NEW';
  if (holds.some(({ severity }) => severity !== 'RESTRICT')) return 'SUSPENDED';
  return holds.length > 0 ? 'RESTRICTED' : 'ACTIVE';
}

/** Whether a hold ends the account for good: a person said so. */
export function isEnd({ source, severity }: { source: string; severity: string }): boolean {
  return severity === 'TERMINATE' && !BOOKS.includes(source);
}

import { StoreUnavailable } from '../reconciler/store-unavailable.ts';

/** What an error of the driver means for a retry. */
export type FailureKind =
  /** Nothing was done, and doing it again may succeed: a deadlock, a lock timeout, a race for a name lost (its next try says so). */
  | 'refused'
  /** The connection is gone, and with it the knowledge of what was done; or it leads to a server that can take nothing now. */
  | 'lost'
  /** A bug or a broken rule: doing it again would fail again. */
  | 'final';

/** `read_only_sql_transaction` */
export const READ_ONLY = '25006';

const REFUSED = new Set(['40001', '40P01', '55P03', '23505']);
/**
 * Shut down by an administrator, crashed, starting up; out of connections, memory or disk; or it only reads: after a failover the next
 * connection leads to the new primary.
 */
const LOST = new Set([
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '25P03',
  '53100',
  '53200',
  '53300',
  READ_ONLY,
  '08000',
  '08003',
  '08006',
  '08001',
  '08004',
]);
const SOCKET = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);
const MESSAGES =
  /Connection terminated|Query read timeout|timeout exceeded when trying to connect|not queryable|Connection ended/;

export function failureKind(error: unknown): FailureKind {
  if (error instanceof StoreUnavailable) return 'lost';
  // Not by class: errors of sockets may come from another realm than this one.
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === 'string') {
    if (REFUSED.has(code)) return 'refused';
    if (LOST.has(code) || SOCKET.has(code)) return 'lost';
  }
  return typeof message === 'string' && MESSAGES.test(message) ? 'lost' : 'final';
}

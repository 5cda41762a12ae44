import pg from 'pg';
import { READ_ONLY } from './failures.ts';

export interface PoolOptions {
  url: string;
  /** Connections at most. Default 8. */
  max?: number;
  /** Called with errors of idle connections, e.g. when the server restarts. The pool replaces such connections by itself. */
  onError?: (error: Error) => void;
  /** Longest that one statement may run. Default 20 s. */
  statementTimeoutMs?: number;
}

/** Every statement has a deadline on the server and, a little later, here, for a server that does not answer at all. */
export function createPool(options: PoolOptions): pg.Pool {
  const statementTimeoutMs = options.statementTimeoutMs ?? 20_000;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max ?? 8,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 2_000,
    lock_timeout: Math.min(statementTimeoutMs, 10_000),
    idle_in_transaction_session_timeout: 15_000,
    keepAlive: true,
    application_name: 'steward',
    options: SESSION,
    // A transaction's first statement leaves together with its `begin`.
    pipeline: true,
    verify: (client, done) => void refuseReadOnly(client).then(() => done(), done),
    types: { getTypeParser },
  });
  // Without a listener the restart of a server would end the process.
  pool.on('error', (error) => options.onError?.(error));
  // A connection in use tells its error by the statement that fails; the pool listens only to idle ones.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** A standby answers with what was; whoever acts on that, or waits for it to take a write, waits for the wrong server. */
async function refuseReadOnly(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ readOnly: string }>(
    `select current_setting('transaction_read_only') as "readOnly"`,
  );
  if (rows[0]?.readOnly !== 'on') return;
  const why = 'The server only reads: it is a standby, or default_transaction_read_only is on. Name the primary.';
  throw Object.assign(new Error(why), { code: READ_ONLY });
}

/**
 * Compiling a plan costs more than any of our statements runs. Nearly all of them are index probes of cached pages; a plan that was made
 * while a table was small and then kept must be one as well. Few sums of many rows may be hashed, in at most 32 MiB, instead of sorted on disk.
 */
const SESSION = '-c jit=off -c random_page_cost=1.1 -c enable_seqscan=off -c hash_mem_multiplier=8';

const INT8 = 20;

/** Our 64-bit columns hold times, counts and amounts far below 2^53. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text');
}

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import { StoreUnavailable } from '../reconciler/store-unavailable.ts';
import { failureKind } from './failures.ts';
import { json, parameters, type Statement } from './statement.ts';
import { KEEP_RECEIPT } from './statements/keep-receipt.ts';
import { TAKE_RECEIPT } from './statements/take-receipt.ts';

/** Runs statements with bounded retries, and transactions that happen exactly once though a connection may be lost at any moment. */
export interface Database {
  run<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
  transaction<T>(work: (tx: Transaction) => Promise<Done<T>>): Promise<T>;
}

export interface Transaction {
  run<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
}

/** What a transaction's work answers. The value must be JSON: it is kept as the receipt. */
export type Done<T> = { commit: true; value: T; notify?: readonly Channel[] } | { commit: false; value: T };

/** Wake-ups; they carry nothing, and losing one costs latency only. */
export type Channel = 'steward_queue' | 'steward_changes';

export interface DatabaseOptions {
  /** Tries of one call in all. Default 10, which with the pauses between them spans about 11 s: a server's recovery from a crash. */
  attempts?: number;
  /** Called when a call is tried again, for logs and metrics. */
  onRetry?: (error: unknown, attempt: number) => void;
}

export function createDatabase(pool: Pool, options: DatabaseOptions = {}): Database {
  return {
    run: (statement, values) =>
      retried(options, async () => {
        const { rows } = await pool.query({ name: statement.name, text: statement.text, values: parameters(values) });
        return rows;
      }),
    transaction: (work) => transaction(pool, options, work),
  };
}

async function transaction<T>(
  pool: Pool,
  options: DatabaseOptions,
  work: (tx: Transaction) => Promise<Done<T>>,
): Promise<T> {
  const id = randomUUID();
  // Once the outcome of a commit is unknown, every later try first asks for the receipt of the earlier one.
  let asked = false;
  return retried(options, async () => {
    const client = await pool.connect();
    let failed = true;
    try {
      const value = await attempt(client, { id, asked, work });
      failed = false;
      return value;
    } catch (error) {
      if (failureKind(error) === 'lost') asked = true;
      else failed = !(await rolledBack(client));
      throw error;
    } finally {
      client.release(failed);
    }
  });
}

async function attempt<T>(
  client: PoolClient,
  { id, asked, work }: { id: string; asked: boolean; work: (tx: Transaction) => Promise<Done<T>> },
): Promise<T> {
  const tx: Transaction = {
    run: async (statement, values) =>
      (await client.query({ name: statement.name, text: statement.text, values: parameters(values) })).rows,
  };
  const begun = client.query('begin');
  // The first statement leaves together with `begin`; should that fail, the statement's own error is the one that is told.
  begun.catch(() => undefined);
  if (asked) {
    const [receipt] = await tx.run<{ result: T | null; mine: boolean }>(TAKE_RECEIPT, [id]);
    if (receipt && !receipt.mine) {
      await client.query('rollback');
      return receipt.result as T;
    }
  }
  const done = await work(tx);
  await begun;
  if (!done.commit) {
    await client.query('rollback');
    return done.value;
  }
  const kept = tx.run(KEEP_RECEIPT, [id, json(done.value), done.notify ?? []]);
  await Promise.all([kept, client.query('commit')]);
  return done.value;
}

async function rolledBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query('rollback');
    return true;
  } catch {
    return false;
  }
}

const PAUSE_MAX_MS = 2_000;
/** After this long a call is not tried once more: a server that does not answer at all costs a deadline at each try. */
const TRIED_MAX_MS = 30_000;

async function retried<T>({ attempts = 10, onRetry }: DatabaseOptions, call: () => Promise<T>): Promise<T> {
  const began = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const kind = failureKind(error);
      const over = attempt >= attempts || performance.now() - began > TRIED_MAX_MS;
      if (kind === 'final' || (over && kind === 'refused')) throw error;
      if (over) throw new StoreUnavailable(error);
      onRetry?.(error, attempt);
      await sleep(Math.min(50 * 2 ** attempt, PAUSE_MAX_MS) * (0.5 + Math.random()));
    }
  }
}

import { type IdempotencyKeys, KEYS_KEPT_DAYS } from '../../billing/payment/idempotency.ts';
import type { Database } from '../database.ts';
import { json } from '../statement.ts';
import { CLAIM_KEY, FORGET_KEYS, KEEP_ANSWER } from './statements.ts';

interface KeyRow {
  request_hash: string;
  response: unknown;
}

const LOOKS_MAX = 10;

export function createIdempotencyKeys(database: Database): IdempotencyKeys {
  return {
    claim: async ({ principal, key, requestHash }) => {
      for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
        const [row] = await database.run<KeyRow>(CLAIM_KEY, [principal, key, requestHash]);
        // Somebody else's row that was committed meanwhile is only seen by the next look.
        if (row !== undefined) return { requestHash: row.request_hash, response: row.response };
      }
      throw new Error('an idempotency key comes and goes');
    },
    keep: async ({ principal, key }, response) => {
      await database.run(KEEP_ANSWER, [principal, key, json(response)]);
    },
    forget: async () => {
      await database.run(FORGET_KEYS, [KEYS_KEPT_DAYS]);
    },
  };
}

import {
  type IdempotencyKeys,
  KEYS_KEPT_DAYS,
  type KeyClaim,
  type KeyClaimed,
  type KeyUse,
  writtenRow,
} from '../reconciler/idempotency.ts';
import type { PersonalSeal } from '../reconciler/personal.ts';
import type { Database, Transaction } from './database.ts';
import { openAnswer, sealedAnswer } from './personal/answers.ts';
import type { StagedWrite } from './stage-writes.ts';
import { json } from './statement.ts';
import {
  CLAIM_KEY,
  FORGET_KEYS,
  KEEP_ANSWER,
  type KeyRow,
  NOTE_RECEIPT,
  RELEASE_KEY,
} from './statements/idempotency.ts';

const LOOKS_MAX = 10;

export function createIdempotencyKeys(database: Database, personal: PersonalSeal): IdempotencyKeys {
  return {
    claim: async (use, leaseMs) => {
      const { principal, key, requestHash, token } = use;
      for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
        const [row] = await database.run<KeyRow>(CLAIM_KEY, [principal, key, requestHash, token, leaseMs]);
        // Somebody else's row that was committed meanwhile is only seen by the next look.
        if (row !== undefined) return claimed(personal, row, use);
      }
      return { state: 'busy' };
    },
    keep: async ({ principal, key, token }, answer) => {
      await database.run(KEEP_ANSWER, [
        principal,
        key,
        token,
        json(sealedAnswer(personal, { principal, key }, answer)),
      ]);
    },
    release: async ({ principal, key, token }) => {
      await database.run(RELEASE_KEY, [principal, key, token]);
    },
    forget: async () => {
      await database.run(FORGET_KEYS, [KEYS_KEPT_DAYS]);
    },
  };
}

/** Notes under its key what a transaction wrote. False: another try holds the key by now, and nothing of this one may be committed. */
export async function noteUnderKey(
  tx: Transaction,
  { principal, key, token }: KeyClaim,
  staged: readonly StagedWrite[],
): Promise<boolean> {
  const rows = staged.map(({ old, object }) => writtenRow(old === undefined ? 'create' : 'update', object));
  return (await tx.run(NOTE_RECEIPT, [principal, key, token, json(rows)])).length === 1;
}

function claimed(personal: PersonalSeal, row: KeyRow, { requestHash, token, ...use }: KeyUse): KeyClaimed {
  if (row.request_hash !== requestHash) return { state: 'otherwise' };
  if (row.answered) return { state: 'answered', answer: openAnswer(personal, use, row.response) };
  if (row.token !== token) return { state: 'busy' };
  return row.fresh ? { state: 'taken' } : { state: 'resumed', receipt: row.receipt };
}

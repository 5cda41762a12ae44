import type { WrittenRow } from '../../reconciler/idempotency.ts';
import type { Json } from '../../reconciler/json.ts';
import { statement } from '../statement.ts';

export interface KeyRow {
  request_hash: string;
  token: string | null;
  /** Made by this very statement. */
  fresh: boolean;
  answered: boolean;
  response: Json;
  receipt: WrittenRow[] | null;
}

/**
 * $1 principal, $2 key, $3 hash, $4 token, $5 lease ms. A new row is ours, and so is one whose holder said nothing until its lease was
 * over. Answers what stands, ours or another's. Sent twice for one try, since an answer was lost, it is ours as well.
 */
export const CLAIM_KEY = statement(
  'idempotency_claim',
  `with mine as (
    insert into idempotency_keys as k (principal, key, request_hash, token, lease_until)
    values ($1, $2, $3, $4, now_ms() + $5::bigint)
    on conflict (principal, key) do update set token = excluded.token, lease_until = excluded.lease_until
      where k.response is null and k.request_hash = excluded.request_hash and (k.lease_until is null or k.lease_until <= now_ms())
    returning request_hash, token, xmax = 0 as fresh, response is not null as answered, response, receipt
  )
  select * from mine
  union all
  select request_hash, token, receipt is null, response is not null, response, receipt from idempotency_keys
    where principal = $1 and key = $2 and not exists (select from mine)`,
);

/** $1 principal, $2 key, $3 token, $4 rows. */
export const NOTE_RECEIPT = statement(
  'idempotency_receipt',
  `update idempotency_keys set receipt = coalesce(receipt, '[]'::jsonb) || $4::jsonb
    where principal = $1 and key = $2 and token = $3 and response is null returning 1`,
);

/** $1 principal, $2 key, $3 token, $4 answer. */
export const KEEP_ANSWER = statement(
  'idempotency_answer',
  `update idempotency_keys set response = $4::jsonb, receipt = null, lease_until = null
    where principal = $1 and key = $2 and token = $3 and response is null`,
);

/** $1 principal, $2 key, $3 token. What was written under it is never given back. */
export const RELEASE_KEY = statement(
  'idempotency_release',
  `delete from idempotency_keys where principal = $1 and key = $2 and token = $3 and response is null and receipt is null`,
);

/** $1 days. */
export const FORGET_KEYS = statement(
  'idempotency_forget',
  `delete from idempotency_keys where created_at < now_ms() - $1::bigint * 86400000`,
);

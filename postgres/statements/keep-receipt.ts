import { statement } from '../statement.ts';

/** Last statement of every transaction: what it did, for a caller that loses the answer, and at most one notification a channel. */
export const KEEP_RECEIPT = statement(
  'keep_receipt',
  `with kept as (
    insert into receipts (id, result) values ($1::uuid, $2::jsonb)
    on conflict (id) do update set result = excluded.result
  )
  select pg_notify(channel, '') from unnest($3::text[]) as channel`,
);

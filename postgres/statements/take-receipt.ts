import { statement } from '../statement.ts';

/**
 * Asks what an earlier try of the same transaction did. Should that one be just committing, the unique index makes us wait for its end;
 * `mine` means that it never committed, and now never can, since the receipt is ours.
 */
export const TAKE_RECEIPT = statement(
  'take_receipt',
  `insert into receipts as r (id, result) values ($1::uuid, null)
  on conflict (id) do update set result = r.result
  returning result, xmax = 0 as mine`,
);

-- min-writer: 1
-- Keys of all mutations, no longer of those alone that move money: which try holds a key and until when, and what was written under it
-- in the same transaction, so that a server which dies before it could answer has done nothing twice.
alter table idempotency_keys add column token text;
alter table idempotency_keys add column lease_until bigint;
alter table idempotency_keys add column receipt jsonb;

-- min-writer: 1
--
-- What became of a letter that was tried: why it was not taken, and since when nobody tries any more.

alter table identity_letters add column problem text;
alter table identity_letters add column given_up_at bigint;
drop index identity_letters_waiting;
create index identity_letters_due on identity_letters (next_attempt_at, id) where sent_at is null and given_up_at is null;
create index identity_letters_by_age on identity_letters (created_at);

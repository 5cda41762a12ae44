-- min-writer: 1
--
-- What signing in remembers: passwords (hashed), second factors (sealed), sessions and single-use tokens (digests), counts of failures,
-- what was seen once. Small documents of a few kinds; `version` lets one of many writers win. Times are epoch milliseconds.
create table identity_records (
  kind text collate "C" not null,
  key text collate "C" not null,
  -- Uid of the user or the key that the row belongs to, or what the kind says.
  subject text collate "C" not null,
  value jsonb not null,
  expires_at bigint,
  version bigint not null,
  primary key (kind, key)
) with (fillfactor = 80);
create index identity_records_by_subject on identity_records (kind, subject, key);
create index identity_records_by_end on identity_records (expires_at) where expires_at is not null;

-- Letters on their way: exactly one row per event, recipient and template. Address and parameters are sealed.
create table identity_letters (
  id text collate "C" primary key,
  event text collate "C" not null,
  template text collate "C" not null,
  recipient text not null,
  -- Blind index of the address: the same address has the same, and it tells nothing else.
  recipient_index text collate "C" not null,
  params text not null,
  created_at bigint not null,
  attempts int not null default 0,
  next_attempt_at bigint not null default 0,
  sent_at bigint,
  unique (event, recipient_index, template)
);
create index identity_letters_waiting on identity_letters (created_at, id) where sent_at is null;

-- min-writer: 1
-- Notifications: facts that people are told, one row for an event and whom it is told, written in the transaction of the event. They hold
-- names and numbers of documents, nothing personal: the words are made when somebody reads them.
create table notifications (
  id text collate "C" primary key default gen_random_uuid()::text,
  scope text not null check (scope in ('USER', 'ACCOUNT', 'SYSTEM')),
  -- Uid of the user, name of the account, or empty.
  target text collate "C" not null,
  event text collate "C" not null,
  type text collate "C" not null,
  -- What it is about: a document, a hold, a title.
  detail text not null,
  at bigint not null default now_ms(),
  unique (scope, target, event, type)
);
create index notifications_newest on notifications (scope, target, at desc, id desc);
create index notifications_by_age on notifications (at);

-- Who has read what. A reader is the uid of a user, or the name of a principal that is none.
create table notification_reads (
  notification text collate "C" not null references notifications on delete cascade,
  reader text collate "C" not null,
  at bigint not null default now_ms(),
  primary key (notification, reader)
);

-- min-writer: 1
--
-- Counters of what moves through the NICs and disks of machines: where each stands, and what was counted and waits to become usage. A row is
-- moved by compare-and-set, and what waits leaves it in the statement that makes it usage: nothing is metered twice, and nothing in between.
create table counters (
  uid text collate "C" not null,
  meter text collate "C" not null,
  device text collate "C" not null,
  -- Within it the device's own counter only grows.
  epoch text not null,
  value numeric(20, 0) not null check (value >= 0),
  moves bigint not null,
  account text collate "C" not null,
  attributes jsonb not null,
  waiting numeric(26, 0) not null check (waiting >= 0),
  waiting_since bigint not null,
  read_at bigint not null,
  bookings bigint not null default 0,
  primary key (uid, meter, device)
) with (fillfactor = 70);
create index counters_waiting on counters (waiting_since) where waiting > 0;

-- Machines that are older than this were not metered from their start: counting begins with what their counters show then.
insert into named_values (name, value) values ('counters', jsonb_build_object('since', now_ms()));

import { statement } from '../../statement.ts';

/** $1 uids. */
export const LOAD_COUNTERS = statement(
  'counters_load',
  `select uid, meter, device, epoch, value::text as value, moves::int as moves, case when waiting > 0 then account end as "waitsFor"
  from counters where uid = any($1::text[])`,
);

/** $1: [{uid, meter, device, epoch, value, quantity, expected, account, attributes}]. Answers how many stood where they should and have moved. */
export const MOVE_COUNTERS = statement(
  'counters_move',
  `with wished as (
    select uid, meter, device, epoch, value, quantity, expected, account, attributes
    from jsonb_to_recordset($1::jsonb) as x(uid text, meter text, device text, epoch text, value numeric, quantity numeric, expected bigint,
      account text, attributes jsonb)
    order by uid, meter, device
  ),
  moved as (
    update counters c set epoch = w.epoch, value = w.value, moves = c.moves + 1, account = w.account, attributes = w.attributes,
      waiting_since = case when c.waiting = 0 then now_ms() else c.waiting_since end, waiting = c.waiting + w.quantity, read_at = now_ms()
    from wished w where c.uid = w.uid and c.meter = w.meter and c.device = w.device and c.moves = w.expected
      and (c.waiting = 0 or c.account = w.account)
    returning 1
  ),
  begun as (
    insert into counters (uid, meter, device, epoch, value, moves, account, attributes, waiting, waiting_since, read_at)
    select uid, meter, device, epoch, value, 1, account, attributes, quantity, now_ms(), now_ms() from wished where expected = 0
    on conflict do nothing returning 1
  )
  select (select count(*) from moved)::int + (select count(*) from begun)::int as count`,
);

/** $1 before, $2 limit, $3 source. What waits since before becomes usage at the instant at which it was read last; answers how many. */
export const BOOK_COUNTERS = statement(
  'counters_book',
  `with due as (
    select uid, meter, device, waiting from counters where waiting > 0 and waiting_since < $1
    order by waiting_since limit $2 for update skip locked
  ),
  booked as (
    update counters c set waiting = 0, bookings = c.bookings + 1 from due d
    where c.uid = d.uid and c.meter = d.meter and c.device = d.device
    returning c.uid, c.meter, c.device, c.bookings, c.account, c.attributes, c.read_at, d.waiting
  ),
  added as (
    insert into usage_windows (source, id, account, meter, resource, from_at, to_at, quantity, attributes, recorded_at)
    select $3, concat_ws('/', uid, meter, device, bookings), account, meter, uid, read_at, read_at, waiting, attributes, now_ms()
    from booked returning 1
  )
  select count(*)::int as count from added`,
);

/** Counters of what is gone, once nothing waits there. What is there still is never forgotten: it would be counted anew. */
export const FORGET_COUNTERS = statement(
  'counters_forget',
  `delete from counters c where (c.uid, c.meter, c.device) in (
    select uid, meter, device from counters g
    where g.waiting = 0 and g.read_at < now_ms() - 86400000 and not exists (select 1 from objects o where o.uid = g.uid) limit 1000)`,
);

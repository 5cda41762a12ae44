import { statement } from '../statement.ts';

/**
 * Makes objects hold exactly what was decided. $1: [{uid, claims}]; $2: allocations to keep for them, [{uid, pool, value}] — all others
 * they hold are freed; $3: fresh allocations to give back, [{pool, value}]; $4: [{place, resource, delta}] of use; $5: amounts to hold,
 * [{uid, place, resource, amount}]. An increase leaves the ceiling alone, so that the table's check refuses what the decision overlooked.
 */
export const SETTLE_CLAIMS = statement(
  'settle_claims',
  `with settled as (select uid, claims from jsonb_to_recordset($1::jsonb) as x(uid text, claims jsonb)),
  kept as (select uid, pool, value from jsonb_to_recordset($2::jsonb) as x(uid text, pool text, value text)),
  freed as (
    delete from allocations a where (a.uid in (select uid from settled)
      and not exists (select from kept k where k.uid = a.uid and k.pool = a.pool and k.value = a.value))
    or (a.pool, a.value) in (select pool, value from jsonb_to_recordset($3::jsonb) as x(pool text, value text))
  ),
  used as (
    update capacity c set used = c.used + d.delta,
      ceiling = case when d.delta > 0 then c.ceiling else greatest(c.wished, c.used + d.delta) end
    from jsonb_to_recordset($4::jsonb) as d(place text, resource text, delta bigint)
    where c.place = d.place and c.resource = d.resource
  ),
  amounts as (select uid, place, resource, amount from jsonb_to_recordset($5::jsonb) as x(uid text, place text, resource text, amount bigint)),
  dropped as (
    delete from capacity_claims c where c.uid in (select uid from settled)
      and not exists (select from amounts a where a.uid = c.uid and a.place = c.place and a.resource = c.resource)
  ),
  amounted as (
    insert into capacity_claims (uid, place, resource, amount) select uid, place, resource, amount from amounts
    on conflict (uid, place, resource) do update set amount = excluded.amount
  )
  insert into held_claims (uid, claims) select uid, claims from settled
  on conflict (uid) do update set claims = excluded.claims`,
);

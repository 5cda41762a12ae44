import { statement } from '../statement.ts';

export const CLAIM_LETTERS = statement(
  'claim_letters',
  `update identity_letters l set next_attempt_at = now_ms() + $2, attempts = attempts + 1
    where l.id in (
      select id from identity_letters
       where next_attempt_at <= now_ms() and sent_at is null and given_up_at is null
       order by next_attempt_at, id limit $1 for update skip locked)
   returning l.id, l.recipient, l.template, l.params, l.attempts - 1 as attempts`,
);

/** What it said may hold links that let in: nobody needs it any more. */
export const LETTER_SENT = statement(
  'letter_sent',
  `update identity_letters set sent_at = clock_ms(), problem = null, params = '' where id = $1`,
);

export const LETTER_FAILED = statement(
  'letter_failed',
  `update identity_letters
      set problem = $2,
          next_attempt_at = clock_ms() + coalesce($3::bigint, 0),
          given_up_at = case when $3::bigint is null then clock_ms() end
    where id = $1 and sent_at is null`,
);

export const BOOKS_LETTERS = statement(
  'books_letters',
  `select account, event, recipient, template, params from mail_outbox
    where sent_at is null order by created_at limit $1 for update skip locked`,
);

export const PUT_LETTERS = statement(
  'put_letters',
  `insert into identity_letters (id, event, template, recipient, recipient_index, params, created_at)
   select id, event, template, recipient, "recipientIndex", params, now_ms()
     from jsonb_to_recordset($1::jsonb)
       as l(id text, event text, template text, recipient text, "recipientIndex" text, params text)
   on conflict (event, recipient_index, template) do nothing`,
);

export const BOOKS_LETTERS_TAKEN = statement(
  'books_letters_taken',
  `update mail_outbox o set sent_at = now_ms(), params = '{}'
     from jsonb_to_recordset($1::jsonb) as l(account text, event text, recipient text, template text)
    where o.account = l.account and o.event = l.event and o.recipient = l.recipient and o.template = l.template`,
);

export const FORGET_LETTERS = statement(
  'forget_letters',
  `delete from identity_letters where id in (
     select id from identity_letters
      where created_at < now_ms() - $1 and (sent_at is not null or given_up_at is not null) limit 1000)`,
);

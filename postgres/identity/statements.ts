import { statement } from '../statement.ts';

const COLUMNS = 'key, subject, value, expires_at, version';

export const GET_IDENTITY = statement(
  'get_identity',
  `select ${COLUMNS} from identity_records where kind = $1 and key = $2`,
);

export const IDENTITY_OF_SUBJECT = statement(
  'identity_of_subject',
  `select ${COLUMNS} from identity_records where kind = $1 and subject = $2 order by key limit $3`,
);

export const INSERT_IDENTITY = statement(
  'insert_identity',
  `insert into identity_records (kind, key, subject, value, expires_at, version)
  values ($1, $2, $3, $4::jsonb, $5, 1) on conflict (kind, key) do nothing returning version`,
);

export const UPDATE_IDENTITY = statement(
  'update_identity',
  `update identity_records set subject = $3, value = $4::jsonb, expires_at = $5, version = version + 1
  where kind = $1 and key = $2 and version = $6 returning version`,
);

export const REMOVE_IDENTITY = statement(
  'remove_identity',
  'delete from identity_records where kind = $1 and key = $2 returning version',
);

export const REMOVE_IDENTITY_OF_SUBJECT = statement(
  'remove_identity_of_subject',
  `with gone as (
    delete from identity_records where kind = $1 and subject = $2 and ($3::text is null or key <> $3) returning 1
  ) select count(*) as count from gone`,
);

export const REMOVE_EXPIRED_IDENTITY = statement(
  'remove_expired_identity',
  `with old as (
    select kind, key from identity_records where expires_at < $1 order by expires_at limit $2 for update skip locked
  ), gone as (
    delete from identity_records r using old where r.kind = old.kind and r.key = old.key returning 1
  ) select count(*) as count from gone`,
);

export const PUT_LETTER = statement(
  'put_letter',
  `insert into identity_letters (id, event, template, recipient, recipient_index, params, created_at)
  values ($1, $2, $3, $4, $5, $6, $7) on conflict (event, recipient_index, template) do nothing returning id`,
);

export const WAITING_LETTERS = statement(
  'waiting_letters',
  `select id, event, template, recipient, recipient_index as "recipientIndex", params, created_at as "createdAt"
  from identity_letters where sent_at is null order by created_at, id limit $1`,
);

export const APPEND_ACCOUNT_ENTRY = statement(
  'append_account_entry',
  `insert into account_history (account, at, what, actor, detail, memo, once) values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (account, once) where once is not null do nothing returning id`,
);

/** $1 uid, $2 how many at most; the newest first. */
export const ACCOUNT_ENTRIES = statement(
  'account_entries',
  'select account, at, what, actor, detail, memo, once from account_history where account = $1 order by id desc limit $2',
);

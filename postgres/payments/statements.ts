import { statement } from '../statement.ts';

/** $1 id, $2 body. No row where the id, the key or another charge under way stands in the way. */
export const BEGIN_ATTEMPT = statement(
  'payments_begin',
  `insert into payment_attempts (id, body) values ($1, $2::jsonb) on conflict do nothing returning id`,
);

/** $1 id, $2 the version that was read, $3 body. */
export const UPDATE_ATTEMPT = statement(
  'payments_update',
  `update payment_attempts set body = $3::jsonb, version = version + 1 where id = $1 and version = $2 returning id`,
);

export const ATTEMPT_BY_ID = statement('payments_by_id', `select body, version from payment_attempts where id = $1`);

export const ATTEMPT_BY_KEY = statement('payments_by_key', `select body, version from payment_attempts where key = $1`);

export const ATTEMPT_BY_EXTERNAL_ID = statement(
  'payments_by_external_id',
  `select body, version from payment_attempts where gateway = $1 and external_id = $2 and verb = $3 order by created_at limit 1`,
);

/** $1 account: the newest thousand, oldest first. */
export const ATTEMPTS_OF_ACCOUNT = statement(
  'payments_of_account',
  `select body, version from (
    select body, version, created_at, id from payment_attempts where account = $1 order by created_at desc, id desc limit 1000
  ) newest order by created_at, id`,
);

/** $1 now, $2 limit. */
export const DUE_ATTEMPTS = statement(
  'payments_due',
  `select body, version from payment_attempts where due_at <= $1 and due_at < 8640000000000000 order by due_at limit $2`,
);

/** $1 gateway, $2 id, $3 event, $4 received at. */
export const TAKE_LETTER = statement(
  'payments_take_letter',
  `insert into payment_inbox (gateway, id, event, received_at, due_at) values ($1, $2, $3::jsonb, $4, $4)
  on conflict do nothing returning id`,
);

/** $1 now, $2 limit. */
export const DUE_LETTERS = statement(
  'payments_due_letters',
  `select gateway, id, event, received_at, tries from payment_inbox where due_at <= $1 order by due_at limit $2`,
);

/** $1 gateway, $2 id, $3 tries, $4 due at or null, $5 code or null. */
export const LETTER_READ = statement(
  'payments_letter_read',
  `update payment_inbox set tries = $3, due_at = $4, code = $5 where gateway = $1 and id = $2`,
);

/** $1 account, $2 gateway, $3 customer: the first one stays. */
export const KEEP_CUSTOMER = statement(
  'payments_keep_customer',
  `insert into gateway_customers (account, gateway, customer) values ($1, $2, $3) on conflict do nothing`,
);

export const CUSTOMER_OF = statement(
  'payments_customer_of',
  `select customer from gateway_customers where account = $1 and gateway = $2`,
);

export const ACCOUNT_OF = statement(
  'payments_account_of',
  `select account from gateway_customers where gateway = $1 and customer = $2`,
);

import { statement } from '../statement.ts';

export const GET_VALUE = statement('get_value', `select value from named_values where name = $1`);

export const SET_VALUE = statement(
  'set_value',
  `insert into named_values (name, value) values ($1, $2::jsonb) on conflict (name) do update set value = excluded.value`,
);

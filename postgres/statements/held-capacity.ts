import { statement } from '../statement.ts';

export const HELD_CAPACITY = statement(
  'held_capacity',
  `select uid, place, resource, amount from capacity_claims where uid = any($1::text[])`,
);

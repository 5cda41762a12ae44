import { statement } from '../statement.ts';

/** Values taken in the pools $1. */
export const CONSULT_POOLS = statement(
  'consult_pools',
  `select pool, jsonb_agg(value) as values from allocations where pool = any($1::text[]) group by pool`,
);

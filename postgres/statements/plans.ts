import { statement } from '../statement.ts';

export const SAVE_PLAN = statement(
  'save_plan',
  `insert into saved_plans (id, created_at, plan) values ($1, now_ms(), $2::jsonb) on conflict (id) do update set plan = excluded.plan`,
);

export const LOAD_PLAN = statement('load_plan', `select plan from saved_plans where id = $1`);

import { statement } from '../statement.ts';

export const QUEUE_STATS = statement(
  'queue_stats',
  `select count(*) as depth, count(*) filter (where due_at <= now_ms()) as due,
    greatest(0, now_ms() - coalesce(min(due_at), now_ms())) as oldest_due_ms from queue`,
);

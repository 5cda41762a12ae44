import { statement } from '../statement.ts';

export const LOG_POSITION = statement('log_position', `select pg_snapshot_xmin(pg_current_snapshot())::text as xmin`);

import { statement } from '../statement.ts';

export const CLOCK = statement('clock', `select clock_ms() as now`);

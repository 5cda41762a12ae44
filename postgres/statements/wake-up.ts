import { statement } from '../statement.ts';

/** Rings the channel $1 for every instance that listens. */
export const WAKE_UP = statement('wake_up', `select pg_notify($1, '')`);

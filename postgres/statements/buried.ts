import { statement } from '../statement.ts';

/** Which of the uids $1 belonged to objects that are gone. */
export const BURIED = statement('buried', `select uid from tombstones where uid = any($1::text[])`);

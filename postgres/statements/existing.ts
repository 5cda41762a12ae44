import { statement } from '../statement.ts';

export const EXISTING = statement('existing', `select uid from objects where uid = any($1::text[])`);

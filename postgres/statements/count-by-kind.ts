import { statement } from '../statement.ts';

export const COUNT_BY_KIND = statement('count_by_kind', `select kind, count(*) as count from objects group by kind`);

import { statement } from '../statement.ts';

export const CAPACITY = statement(
  'capacity',
  `select place, resource, wished as "limit", used from capacity order by place, resource`,
);

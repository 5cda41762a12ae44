import { statement } from '../statement.ts';
import { WOKEN } from './wake.ts';

/** Makes everything due that has a binding at the place $1. */
export const WAKE_PLACE = statement(
  'wake_place',
  `with wanted as (select uid from bindings where place = $1 order by uid), ${WOKEN}`,
);

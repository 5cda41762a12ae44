import type { JsonObject } from '../../reconciler/json.ts';
import type { Database } from '../database.ts';
import { statement } from '../statement.ts';

/** A row of `setting_facts`: what one write made of a Setting. Times are epoch ms. */
export interface SettingFactRow {
  at: number;
  uid: string;
  name: string;
  generation: number;
  actor: string;
  onBehalfOf: string | null;
  spec: JsonObject;
  deletedAt: number | null;
  approve: string | null;
}

/** $1: uid, or null for all; $2 id after which. */
const SETTING_FACTS = statement(
  'setting_facts',
  `select id, at, uid, name, generation, actor, on_behalf_of as "onBehalfOf", spec, deleted_at as "deletedAt", approve
  from setting_facts where ($1::text is null or uid = $1) and id > $2 order by id limit 1000`,
);

/** A provider decides some hundred things in a year. */
const FACTS_MAX = 100_000;

/** The history of settings, oldest first: of one, or all. */
export function createSettingFacts(database: Pick<Database, 'run'>) {
  return async (uid: string | null): Promise<SettingFactRow[]> => {
    const found: SettingFactRow[] = [];
    for (let after = 0; found.length < FACTS_MAX; ) {
      const rows = await database.run<SettingFactRow & { id: number }>(SETTING_FACTS, [uid, after]);
      const last = rows.at(-1);
      found.push(...rows.map(({ id: _, ...row }) => row));
      if (last === undefined || rows.length < 1000) break;
      after = last.id;
    }
    return found;
  };
}

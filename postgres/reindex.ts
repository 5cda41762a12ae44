import type { JsonObject } from '../reconciler/json.ts';
import type { PersonalSeal } from '../reconciler/personal.ts';
import type { Database } from './database.ts';
import { openRecord, sealedRecord } from './personal/records.ts';
import type { SealedRows } from './personal/rows.ts';
import type { ObjectRow } from './rows.ts';
import { json, statement } from './statement.ts';
import { GET_BY_UID } from './statements/get-by-uid.ts';

type Value = { user: string; uid: string; of?: string };

interface Login {
  key: string;
  value: Value;
}

const PAGE = 500;

const LOGINS = statement(
  'reindex_page',
  `select key, value from identity_records where kind = 'login' and key > $1 order by key limit ${PAGE}`,
);

/** $1: [{old, fresh, value}]. Where the address was proved anew meanwhile, the newer row stands. */
const MOVE_LOGINS = statement(
  'reindex_move',
  `update identity_records r set key = m.fresh, value = m.value, version = r.version + 1
   from jsonb_to_recordset($1::jsonb) as m(old text, fresh text, value jsonb)
   where r.kind = 'login' and r.key = m.old
     and not exists (select from identity_records o where o.kind = 'login' and o.key = m.fresh)
   returning r.key`,
);

/**
 * Addresses that people sign in by are found by a blind index of them. After its key was rotated, they are put under the new one; until
 * then they are found under the old. Interrupted, it begins again and has less to do. Answers how many were moved.
 */
export async function reindex(
  database: Database,
  { rows, personal }: { rows: SealedRows; personal: PersonalSeal },
): Promise<number> {
  let moved = 0;
  for (let after = ''; ; ) {
    const page = await database.run<Login>(LOGINS, [after]);
    const addresses = await addressesOf(database, rows, page);
    const moves = page.flatMap((login) => moveOf(personal, login, addresses.get(login.value.uid)));
    if (moves.length > 0) moved += (await database.run(MOVE_LOGINS, [json(moves)])).length;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return moved;
    after = last.key;
  }
}

/** Before logins said what they are the index of, only the user's object knew. */
async function addressesOf(
  database: Database,
  rows: SealedRows,
  page: readonly Login[],
): Promise<ReadonlyMap<string, string>> {
  const uids = page.filter(({ value }) => value.of === undefined).map(({ value }) => value.uid);
  if (uids.length === 0) return new Map();
  const users = (await database.run<ObjectRow>(GET_BY_UID, [uids])).map(rows.objectOf);
  return new Map(
    users.flatMap(({ metadata, spec }) =>
      typeof spec.email === 'string' ? [[metadata.uid, `email:${spec.email.trim().toLowerCase()}`]] : [],
    ),
  );
}

function moveOf(personal: PersonalSeal, { key, value }: Login, address: string | undefined) {
  const { of = address } = openRecord(personal, { kind: 'login', key, value }) as Value;
  const prefix = key.slice(0, key.lastIndexOf(':') + 1);
  const keys = of === undefined ? [] : personal.indexes(of).map((index) => `${prefix}${index}`);
  const [fresh] = keys;
  // What it is the index of is only known where one of the keys makes it of that.
  if (fresh === undefined || fresh === key || !keys.includes(key)) return [];
  const sealed = sealedRecord(personal, { kind: 'login', key: fresh, value: { ...value, of: of as string } });
  return [{ old: key, fresh, value: sealed as JsonObject }];
}

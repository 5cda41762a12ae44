import type { NewRow, RecordKind, Records, RecordTypes, Row } from '../../identity/records.ts';
import type { Database } from '../database.ts';
import { json } from '../statement.ts';
import {
  GET_IDENTITY,
  IDENTITY_OF_SUBJECT,
  INSERT_IDENTITY,
  REMOVE_EXPIRED_IDENTITY,
  REMOVE_IDENTITY,
  REMOVE_IDENTITY_OF_SUBJECT,
  UPDATE_IDENTITY,
} from './statements.ts';

/** What signing in remembers, in one table of small documents. Each call is one statement, which is atomic by itself. */
export function createRecords(database: Database): Records {
  const changed = async (statement: typeof INSERT_IDENTITY, values: readonly unknown[]) =>
    (await database.run(statement, values)).length > 0;
  const counted = async (statement: typeof INSERT_IDENTITY, values: readonly unknown[]) =>
    (await database.run<{ count: number }>(statement, values))[0]?.count ?? 0;
  return {
    get: async (kind, key) => {
      const [found] = await database.run<Stored>(GET_IDENTITY, [kind, key]);
      return found && rowOf(found);
    },
    ofSubject: async (kind, subject, limit) =>
      (await database.run<Stored>(IDENTITY_OF_SUBJECT, [kind, subject, limit])).map((found) => rowOf(found)),
    insert: <K extends RecordKind>(kind: K, { key, subject, value, expiresAt }: NewRow<K>) =>
      changed(INSERT_IDENTITY, [kind, key, subject, json(value), expiresAt]),
    update: <K extends RecordKind>(kind: K, { key, subject, value, expiresAt, version }: Row<K>) =>
      changed(UPDATE_IDENTITY, [kind, key, subject, json(value), expiresAt, version]),
    remove: (kind, key) => changed(REMOVE_IDENTITY, [kind, key]),
    removeOfSubject: (kind, subject, except) => counted(REMOVE_IDENTITY_OF_SUBJECT, [kind, subject, except]),
    removeExpired: (now, limit) => counted(REMOVE_EXPIRED_IDENTITY, [now, limit]),
  };
}

interface Stored {
  key: string;
  subject: string;
  value: unknown;
  expires_at: number | null;
  version: number;
}

/** The kind says what the value is: only `insert` and `update` of the same kind write it. */
function rowOf<K extends RecordKind>({ key, subject, value, expires_at, version }: Stored): Row<K> {
  return { key, subject, value: value as RecordTypes[K], expiresAt: expires_at, version };
}

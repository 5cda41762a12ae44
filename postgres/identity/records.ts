import type { NewRow, RecordKind, Records, RecordTypes, Row } from '../../identity/records.ts';
import type { PersonalSeal } from '../../reconciler/personal.ts';
import type { Database } from '../database.ts';
import { keptKey, openRecord, sealedRecord } from '../personal/records.ts';
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
export function createRecords(database: Database, personal: PersonalSeal): Records {
  const changed = async (statement: typeof INSERT_IDENTITY, values: readonly unknown[]) =>
    (await database.run(statement, values)).length > 0;
  const counted = async (statement: typeof INSERT_IDENTITY, values: readonly unknown[]) =>
    (await database.run<{ count: number }>(statement, values))[0]?.count ?? 0;
  return {
    get: async (kind, key) => {
      const [found] = await database.run<Stored>(GET_IDENTITY, [kind, keptKey(personal, kind, key)]);
      return found && rowOf(personal, kind, { ...found, key });
    },
    ofSubject: async (kind, subject, limit) =>
      (await database.run<Stored>(IDENTITY_OF_SUBJECT, [kind, subject, limit])).map((found) =>
        rowOf(personal, kind, found),
      ),
    insert: <K extends RecordKind>(kind: K, { key, subject, value, expiresAt }: NewRow<K>) =>
      changed(INSERT_IDENTITY, [
        kind,
        keptKey(personal, kind, key),
        subject,
        json(sealedRecord(personal, { kind, key, value })),
        expiresAt,
      ]),
    update: <K extends RecordKind>(kind: K, { key, subject, value, expiresAt, version }: Row<K>) =>
      changed(UPDATE_IDENTITY, [
        kind,
        keptKey(personal, kind, key),
        subject,
        json(sealedRecord(personal, { kind, key, value })),
        expiresAt,
        version,
      ]),
    remove: (kind, key) => changed(REMOVE_IDENTITY, [kind, keptKey(personal, kind, key)]),
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
function rowOf<K extends RecordKind>(
  personal: PersonalSeal,
  kind: K,
  { key, subject, value, expires_at, version }: Stored,
): Row<K> {
  const opened = openRecord(personal, { kind, key, value: value as RecordTypes[K] });
  return { key, subject, value: opened, expiresAt: expires_at, version };
}

import { createHash } from 'node:crypto';
import type { FieldChange } from '../../reconciler/plan.ts';
import type { Database, Transaction } from '../database.ts';
import type { SealedRows } from '../personal/rows.ts';
import { rewrapped } from '../reseal-columns.ts';
import { json } from '../statement.ts';
import { GET_VALUE, SET_VALUE } from '../statements/values.ts';
import { linked, type WalkedLink } from './chain.ts';
import { AUDIT_PAGE, CHANGE_AUDIT, LOCK_SEALING, NOTE_RESEALED } from './reseal-statements.ts';

export interface AuditResealing {
  rows: SealedRows;
  /** Id of the key that seals now: another begins from the start. */
  current: string;
  rewrap(sealed: string): string | null;
  /** Signs a text with a key that is not in the database. */
  sign(text: string): string;
}

const PAGE = 1_000;
/** Where the last run came to, in `named_values`. */
const CURSOR = 'audit/reseal';
/** How far before its end the next run begins: older instances may have written meanwhile. */
const BACK_MS = 3_600_000;

/**
 * Wraps what the audit trail has sealed under the current key, and seals what an older version wrote in clear, page by page from where the
 * last run ended. How a value is wrapped is not in the chain of hashes, so that wrapping leaves it whole; a row that was linked in clear
 * is signed anew with its link. Answers how many rows were changed.
 */
export async function resealAudit(database: Database, resealing: AuditResealing): Promise<number> {
  const { current } = resealing;
  const [kept] = await database.run<{ value: Partial<Cursor> }>(GET_VALUE, [CURSOR]);
  let cursor: Cursor = { current, at: kept?.value.current === current ? (kept.value.at ?? 0) - BACK_MS : 0, id: 0 };
  let count = 0;
  for (;;) {
    const page = await database.run<AuditedRow>(AUDIT_PAGE, [cursor.at, cursor.id, PAGE]);
    const fresh = page.flatMap((row) => freshOf(resealing, row));
    if (fresh.length > 0) count += await change(database, resealing, fresh);
    const last = page.at(-1);
    if (last === undefined) return count;
    cursor = { current, at: last.at, id: last.id };
    await database.run(SET_VALUE, [CURSOR, json(cursor)]);
    if (page.length < PAGE) return count;
  }
}

interface Cursor {
  current: string;
  at: number;
  id: number;
}

interface AuditedRow {
  at: number;
  id: number;
  uid: string;
  kind: string;
  generation: number;
  from_where: string;
  request_id: string;
  changes: FieldChange[];
  /** All that it says, as the chain has it. */
  text: string;
  /** Its link and that before it, in hex; null where it has none yet. */
  position: number | null;
  hash: string | null;
  before: string | null;
  /** In hex, with its signature: what it said when it was signed anew. */
  resealed: string | null;
  mac: string | null;
}

interface Fresh {
  row: AuditedRow;
  from_where: string;
  changes: readonly FieldChange[];
}

function freshOf({ rows, rewrap }: AuditResealing, row: AuditedRow): Fresh[] {
  const { kind, uid, generation, changes, from_where: from, request_id: requestId } = row;
  const sealed = rows.sealedChanges({ kind, uid, generation, changes });
  const before = JSON.stringify([from, changes]);
  const after = rewrapped(JSON.stringify([rows.sealedFrom({ from, requestId }), sealed]), rewrap);
  if (before === after) return [];
  const [from_where, fresh] = JSON.parse(after) as [string, FieldChange[]];
  return [{ row, from_where, changes: fresh }];
}

/** No row is linked while it changes. One that is not what it was linked as is left alone: whoever verifies must see it. */
function change(database: Database, { sign }: AuditResealing, fresh: readonly Fresh[]): Promise<number> {
  return database.transaction(async (tx: Transaction) => {
    await tx.run(LOCK_SEALING, []);
    const changes = fresh
      .filter(({ row }) => isAsLinked(row, sign))
      .map(({ row, ...change }) => ({ ...change, old: row }));
    const written = await tx.run<Written>(CHANGE_AUDIT, [
      json(
        changes.map(({ old: { at, id, text }, from_where, changes: list }) => ({
          at,
          id,
          old: text,
          from_where,
          changes: list,
        })),
      ),
    ]);
    const notes = written.flatMap(({ position, link, text, differs }) => {
      if (position === null || link === null || !differs) return [];
      const hash = digestOf(text);
      return [{ position, hash, mac: sign(resealedText({ position, link, hash })) }];
    });
    if (notes.length > 0) await tx.run(NOTE_RESEALED, [json(notes)]);
    return { commit: true, value: written.length };
  });
}

interface Written {
  position: number | null;
  /** Its link, in hex. */
  link: string | null;
  text: string;
  /** The chain has another text of it. */
  differs: boolean;
}

function isAsLinked({ position, hash, before, ...row }: AuditedRow, sign: AuditResealing['sign']): boolean {
  if (position === null || hash === null || before === null) return true;
  return linked(before, row.text) === hash || isResealed({ position, hash, ...row }, sign);
}

/** Its row was as it was linked when it was sealed, and has not changed since: the signature says so. */
export function isResealed(
  { position, hash: link, text, resealed: hash, mac }: Omit<WalkedLink, 'at' | 'id'>,
  sign: AuditResealing['sign'],
): boolean {
  if (text === null || hash === null || digestOf(text) !== hash) return false;
  return sign(resealedText({ position, link, hash })) === mac;
}

/** What is signed of a row that was linked in clear and sealed later. */
function resealedText({ position, link, hash }: { position: number; link: string; hash: string }): string {
  return `audit-resealed:${position}:${link}:${hash}`;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

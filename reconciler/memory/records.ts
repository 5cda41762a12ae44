import { CursorError } from '../cursor-error.ts';
import type { AuditRow, RecordClause, RecordPage, RecordQuery } from '../store.ts';
import { frozen } from './frozen.ts';

interface Recorded {
  at: number;
  uid: string;
  kind: string;
  name: string;
  project: string | null;
}

/** One table of append-only facts, the newest `kept` of them, read newest first. */
export class Records<Row extends Recorded> {
  readonly #rows: { seq: number; row: Row }[] = [];
  readonly #kept: number;
  #seq = 0;

  constructor(kept: number) {
    this.#kept = kept;
  }

  append(row: Row): void {
    this.#seq++;
    this.#rows.push({ seq: this.#seq, row: frozen(row) });
    if (this.#rows.length > this.#kept * 1.25) this.#rows.splice(0, this.#rows.length - this.#kept);
  }

  /** For rows that carry their own number. */
  appendNumbered(make: (seq: number) => Row): void {
    this.append(make(this.#seq + 1));
  }

  page(query: RecordQuery): RecordPage<Row> {
    const before = query.after === undefined ? Number.POSITIVE_INFINITY : seqOf(query.after);
    const items: { row: Row; cursor: string }[] = [];
    for (let i = this.#rows.length - 1; i >= 0; i--) {
      const entry = this.#rows[i];
      if (!entry || entry.seq >= before || !matches(entry.row, query)) continue;
      if (items.length === query.limit) return { items, hasMore: true };
      items.push({ row: entry.row, cursor: String(entry.seq) });
    }
    return { items, hasMore: false };
  }
}

function matches(row: Recorded, query: RecordQuery): boolean {
  if (query.uid !== undefined && row.uid !== query.uid) return false;
  if (query.kind !== undefined && row.kind !== query.kind) return false;
  if ((query.since !== undefined && row.at < query.since) || (query.until !== undefined && row.at >= query.until))
    return false;
  const { actor, onBehalfOf, op, requestId } = row as Partial<AuditRow>;
  if (query.actor !== undefined && query.actor !== actor && query.actor !== onBehalfOf) return false;
  if ((query.op !== undefined && query.op !== op) || (query.requestId !== undefined && query.requestId !== requestId))
    return false;
  if (query.within !== undefined && !query.within.some((clause) => fitsClause(row, clause))) return false;
  return query.project === undefined || row.project === query.project;
}

function fitsClause(row: Recorded, clause: RecordClause): boolean {
  if ('uids' in clause) return clause.uids.includes(row.uid);
  const { kinds, projects } = clause;
  return kinds.includes(row.kind) && (projects === null || (row.project !== null && projects.includes(row.project)));
}

function seqOf(cursor: string): number {
  if (!/^\d+$/.test(cursor)) throw new CursorError(cursor);
  return Number(cursor);
}

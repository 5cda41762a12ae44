import { shardOf } from '../shard.ts';
import { type Claim, SHARDS } from '../store.ts';
import { SetMap } from './set-map.ts';

interface QueueRow {
  uid: string;
  kind: string;
  shard: number;
  dueAt: number;
  /** Woken while leased: due again as soon as the lease ends with a completion. */
  dirty: boolean;
  attempts: number;
  epoch: number;
  /** Null: nobody works on it. A lease that has passed was never completed. */
  leaseUntil: number | null;
}

/** One row per object: when it is due, and who holds it until when. */
export class Queue {
  readonly #rows = new Map<string, QueueRow>();
  readonly #shards = new SetMap<QueueRow>();

  claim(request: { shards: readonly number[]; limit: number; leaseMs: number; now: number }): Claim[] {
    const { now } = request;
    const due = this.#rowsOf(request.shards).filter((row) => row.dueAt <= now);
    due.sort((a, b) => a.dueAt - b.dueAt || (a.uid < b.uid ? -1 : 1));
    return due.slice(0, request.limit).map((row) => lease(row, now, request.leaseMs));
  }

  /** Extends the lease; false if it was lost. */
  renew(claim: Claim, leaseUntil: number): boolean {
    const row = this.held(claim);
    if (!row) return false;
    row.leaseUntil = leaseUntil;
    row.dueAt = leaseUntil;
    return true;
  }

  /** The row, if the claim was neither overtaken nor completed. */
  held(claim: Claim): QueueRow | undefined {
    const row = this.#rows.get(claim.uid);
    return row?.epoch === claim.epoch && row.leaseUntil !== null ? row : undefined;
  }

  release(row: QueueRow, next: { dueAt: number; attempts: number; shard: number | null; now: number }): void {
    row.dueAt = row.dirty ? next.now : next.dueAt;
    row.dirty = false;
    row.leaseUntil = null;
    row.attempts = next.attempts;
    if (next.shard !== null && next.shard !== row.shard) this.#move(row, next.shard);
  }

  wake(uid: string, now: number): void {
    const row = this.#rows.get(uid);
    if (!row) return;
    if (row.leaseUntil !== null && row.leaseUntil > now) row.dirty = true;
    else row.dueAt = Math.min(row.dueAt, now);
  }

  add(object: { uid: string; kind: string; shard?: number }, now: number): void {
    const row: QueueRow = {
      uid: object.uid,
      kind: object.kind,
      shard: object.shard ?? shardOf(object.uid),
      dueAt: now,
      dirty: false,
      attempts: 0,
      epoch: 0,
      leaseUntil: null,
    };
    this.remove(object.uid);
    this.#rows.set(row.uid, row);
    this.#shards.add(String(row.shard), row);
  }

  remove(uid: string): void {
    const row = this.#rows.get(uid);
    if (!row) return;
    this.#rows.delete(uid);
    this.#shards.delete(String(row.shard), row);
  }

  nextDueAt(shards: readonly number[]): number | null {
    let earliest: number | null = null;
    for (const row of this.#rowsOf(shards)) earliest = Math.min(earliest ?? row.dueAt, row.dueAt);
    return earliest;
  }

  stats(now: number): { depth: number; due: number; oldestDueMs: number } {
    const due = [...this.#rows.values()].filter((row) => row.dueAt <= now);
    const oldest = due.reduce((earliest, row) => Math.min(earliest, row.dueAt), now);
    return { depth: this.#rows.size, due: due.length, oldestDueMs: now - oldest };
  }

  #rowsOf(shards: readonly number[]): QueueRow[] {
    if (shards.length === SHARDS) return [...this.#rows.values()];
    if (shards.length < this.#rows.size) return shards.flatMap((shard) => [...this.#shards.get(String(shard))]);
    const wanted = new Set(shards);
    return [...this.#rows.values()].filter((row) => wanted.has(row.shard));
  }

  #move(row: QueueRow, shard: number): void {
    this.#shards.delete(String(row.shard), row);
    row.shard = shard;
    row.epoch++;
    this.#shards.add(String(shard), row);
  }
}

function lease(row: QueueRow, now: number, leaseMs: number): Claim {
  const takenOverFrom = row.leaseUntil;
  row.epoch++;
  row.leaseUntil = now + leaseMs;
  row.dueAt = row.leaseUntil;
  row.dirty = false;
  const { uid, kind, shard, epoch, attempts } = row;
  return { uid, kind, shard, epoch, claimedAt: now, leaseUntil: row.leaseUntil, attempts, takenOverFrom };
}

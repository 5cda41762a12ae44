import { createBatcher } from '../reconciler/batcher.ts';
import type { Database } from './database.ts';
import { CHANGED_KINDS } from './statements/changed-kinds.ts';
import { LOG_POSITION } from './statements/log-position.ts';

/**
 * Tells whether anything of a kind was changed, by whichever instance. Take the kind's stamp, read, and keep what was read with the stamp:
 * it still holds if after a later `look` the stamp is the same. Looks are shared by all who wait, but each begins after it was asked for,
 * so that whoever wrote something before sees it.
 */
export interface Stillness {
  /** Null before the first look: nothing read now can be kept. */
  stampOf(kind: string): string | null;
  look(): Promise<void>;
}

/** More than so many changes between two looks count as changes of everything. */
const ROWS_MAX = 500;
/** Positions that are older say nothing: far below the time for which the event log is kept. */
const POSITION_AGE_MAX_MS = 60_000;
const WAITING_MAX = 1_000;

export function createStillness(database: Database, now: () => number): Stillness {
  const versions = new Map<string, number>();
  let epoch = 0;
  let position: { xmin: string; at: number } | null = null;

  const lookNow = async () => {
    const from = position;
    const at = now();
    if (!from || at - from.at > POSITION_AGE_MAX_MS) {
      epoch++;
      const [row] = await database.run<{ xmin: string }>(LOG_POSITION, []);
      position = row ? { xmin: row.xmin, at } : null;
      return;
    }
    const [row] = await database.run<{ xmin: string; rows: number; kinds: string[] }>(CHANGED_KINDS, [
      from.xmin,
      ROWS_MAX,
    ]);
    // A horizon that went back is that of another database, restored from before.
    if (!row || row.rows >= ROWS_MAX || BigInt(row.xmin) < BigInt(from.xmin)) epoch++;
    for (const kind of row?.kinds ?? []) versions.set(kind, (versions.get(kind) ?? 0) + 1);
    position = row ? { xmin: row.xmin, at } : null;
  };

  const looks = createBatcher<null, void>(
    async (waiting) => {
      await lookNow().catch((error) => {
        epoch++;
        position = null;
        throw error;
      });
      return waiting.map(() => undefined);
    },
    { max: WAITING_MAX, parallel: 1 },
  );
  return {
    stampOf: (kind) => (position ? `${epoch}.${versions.get(kind) ?? 0}` : null),
    look: () => looks(null),
  };
}

import { keyText, type ObjectKey, type StoredObject } from '../object.ts';
import type { JournalLevel } from '../store.ts';
import type { ForecastObject } from './forecast.ts';
import type { Overlay } from './overlay.ts';

/** An object that a change touches, before and after, with what its meters stand at then. */
export interface Touched {
  key: ObjectKey;
  before: StoredObject | undefined;
  /** Undefined: it is gone. */
  after: StoredObject | undefined;
  levels: readonly JournalLevel[];
}

/** Everything but what was found to stay as it is, and what was never brought over; children of what changes included. */
export async function touchedBy(
  overlay: Pick<Overlay, 'getByKey' | 'load' | 'brought'>,
  objects: readonly ForecastObject[],
  standing: ReadonlyMap<string, StoredObject>,
): Promise<Touched[]> {
  const stays = (key: ObjectKey) => {
    const before = standing.get(keyText(key));
    return before !== undefined && !overlay.brought(before);
  };
  const keys = objects.flatMap(({ change, key }) => (change === 'unchanged' || stays(key) ? [] : [key]));
  const ends = await overlay.getByKey(keys);
  const loaded = await overlay.load(ends.flatMap((end) => (end ? [end.metadata.uid] : [])));
  return keys.map((key, index) => {
    const end = ends[index];
    const after = end?.metadata.deletedAt === null ? end : undefined;
    const levels = end && after ? Object.values(loaded.get(end.metadata.uid)?.levels ?? {}) : [];
    return { key, before: standing.get(keyText(key)), after, levels };
  });
}

import { keyText, type ObjectKey, type StoredObject } from '../object.ts';
import type { EngineStore, JournalLevel, ObjectStore } from '../store.ts';
import type { ForecastObject } from './forecast.ts';
import type { Overlay } from './overlay.ts';

/** An object that a change touches, and what its meters stand at, before and after. */
export interface Touched {
  key: ObjectKey;
  before: StoredObject | undefined;
  /** Undefined: it is gone. */
  after: StoredObject | undefined;
  levels: Record<'before' | 'after', readonly JournalLevel[]>;
}

interface Stores {
  base: EngineStore & ObjectStore;
  overlay: Pick<Overlay, 'getByKey' | 'load' | 'brought'>;
}

/** Everything but what was found to stay as it is, and what was never brought over; children of what changes included. */
export async function touchedBy(
  { base, overlay }: Stores,
  objects: readonly ForecastObject[],
  standing: ReadonlyMap<string, StoredObject>,
): Promise<Touched[]> {
  const stays = (key: ObjectKey) => {
    const before = standing.get(keyText(key));
    return before !== undefined && !overlay.brought(before);
  };
  const keys = objects.flatMap(({ change, key }) => (change === 'unchanged' || stays(key) ? [] : [key]));
  if (keys.length === 0) return [];
  const [stood, ends] = await Promise.all([base.getByKey(keys), overlay.getByKey(keys)]);
  const [before, after] = await Promise.all([base.load(uidsOf(stood)), overlay.load(uidsOf(ends))]);
  return keys.map((key, index) => {
    const end = ends[index]?.metadata.deletedAt === null ? ends[index] : undefined;
    return {
      key,
      before: stood[index],
      after: end,
      levels: { before: levelsOf(stood[index], before), after: levelsOf(end, after) },
    };
  });
}

function uidsOf(objects: readonly (StoredObject | undefined)[]): string[] {
  return objects.flatMap((object) => object?.metadata.uid ?? []);
}

function levelsOf(
  object: StoredObject | undefined,
  loaded: Awaited<ReturnType<EngineStore['load']>>,
): readonly JournalLevel[] {
  return object === undefined ? [] : Object.values(loaded.get(object.metadata.uid)?.levels ?? {});
}

import type { AnyKind } from '../../reconciler/kind.ts';
import type { EngineStore, ObjectStore } from '../../reconciler/store.ts';
import type { Ports } from '../../resources/ports.ts';
import { all } from './books-wishes.ts';
import type { LiveSettings } from './live-settings.ts';

/**
 * Objects that were looked at in a pause count as settled, and would be looked at again within the resync period. When the pause ends they
 * come due at once. Asked after every change of the settings.
 */
export function wakingAfterPause(
  settings: Pick<LiveSettings, 'pauseOf'>,
  store: Pick<ObjectStore, 'list'> & Pick<EngineStore, 'wake'>,
  kinds: readonly AnyKind<Ports>[],
): () => Promise<void> {
  let wasPaused = false;
  return async () => {
    const isPaused = settings.pauseOf('reconciling') !== null;
    const ends = wasPaused && !isPaused;
    if (ends)
      for (const { kind } of kinds.filter(({ observe }) => observe !== undefined))
        await store.wake((await all(store, kind)).map(({ metadata }) => metadata.uid));
    wasPaused = isPaused;
  };
}

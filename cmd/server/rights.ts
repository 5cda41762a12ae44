import { createRights, RIGHTS_KINDS, type Rights } from '../../reconciler/access/rights.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import { AUTHORITIES } from '../../resources/identity/role/authorities.ts';
import type { ChangeBell } from './changes.ts';
import { systemClock } from './environment.ts';

const WAIT_MS = 5_000;
/** Between two looks at the feed, however often the bell rings. */
const PAUSE_MS = 250;

/** What people may do; looked up again as soon as the feed tells of a change of what rights are made of, on whichever instance. */
export function openRights(
  store: Pick<ObjectStore, 'getByKey' | 'list' | 'changes' | 'position'>,
  { bell, stop, onError }: { bell: ChangeBell; stop: AbortSignal; onError(error: unknown): void },
): { rights: Rights; following: Promise<void> } {
  const rights = createRights({ store, authorities: AUTHORITIES, clock: systemClock });
  return { rights, following: follow(store, rights, { bell, stop, onError }) };
}

async function follow(
  store: Pick<ObjectStore, 'changes' | 'position'>,
  rights: Rights,
  { bell, stop, onError }: { bell: ChangeBell; stop: AbortSignal; onError(error: unknown): void },
): Promise<void> {
  let since: string | null = null;
  while (!stop.aborted) {
    try {
      since ??= await store.position();
      const changes = await store.changes({ since, kinds: RIGHTS_KINDS, limit: 500 });
      if (changes.tooOld || changes.items.length > 0) rights.forget();
      since = changes.tooOld ? null : changes.position;
    } catch (error) {
      rights.forget();
      since = null;
      if (!stop.aborted) onError(error);
    }
    await bell.next(WAIT_MS, stop);
    if (!stop.aborted) await systemClock.sleep(PAUSE_MS, stop);
  }
}

import type { ChangeBell } from './changes.ts';
import { systemClock } from './environment.ts';

const EVERY_MS = 2_000;
/** Many changes are one look. */
const PAUSE_MS = 200;

/** Looks after what stays open whenever something has changed, and every other second: other servers end sessions, too. */
export async function keepLooking(
  look: () => Promise<void>,
  { bell, stop, onError }: { bell: ChangeBell; stop: AbortSignal; onError(error: unknown): void },
): Promise<void> {
  while (!stop.aborted) {
    await bell.next(EVERY_MS, stop);
    if (stop.aborted) return;
    await look().catch(onError);
    await systemClock.sleep(PAUSE_MS, stop);
  }
}

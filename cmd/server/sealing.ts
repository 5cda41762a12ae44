import type { AuditChain } from '../../reconciler/audit-chain.ts';
import { systemClock } from './environment.ts';

/** How long a change may stay outside of the audit trail's chain. */
const EVERY_MS = 5_000;

/** Links and signs what was written to the audit trail, on whichever instance comes first. */
export async function keepSealing(
  chain: AuditChain | null,
  { stop, onError, paused }: { stop: AbortSignal; onError(error: unknown): void; paused(): boolean },
): Promise<void> {
  while (chain !== null && !stop.aborted) {
    if (!paused())
      await chain.seal().catch((error: unknown) => {
        if (!stop.aborted) onError(error);
      });
    await systemClock.sleep(EVERY_MS, stop);
  }
}

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError, EXIT } from '../exit-codes.ts';

/** The answer is not known: the connection was lost on the way, or what stands before the server had none to give. */
export class AnswerLost extends CliError {}

const TRIES_MAX = 3;
const PAUSE_MS = 1_000;

/** Sends a change under a key of its own, and again under the same key while its answer is lost: it is done once. */
export async function sentOnce<T>(send: (key: string) => Promise<T>, interrupt: AbortSignal): Promise<T> {
  const key = randomUUID();
  for (let tries = 1; ; tries += 1) {
    try {
      return await send(key);
    } catch (error) {
      if (!(error instanceof AnswerLost) || tries === TRIES_MAX) throw error;
      await sleep(PAUSE_MS, undefined, { signal: interrupt }).catch(() => {
        throw new CliError('Interrupted.', EXIT.interrupted);
      });
    }
  }
}

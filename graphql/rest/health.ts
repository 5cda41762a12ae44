import type { ServerResponse } from 'node:http';
import { sendJson } from './answer.ts';

export interface Check {
  /** What is checked: `database`. */
  name: string;
  /** Resolves when it works. Stops when the signal aborts. */
  run(signal: AbortSignal): Promise<unknown>;
}

export interface HealthOptions {
  /** True from the first moment of a shutdown: traffic goes elsewhere before anything ends. */
  stopping(): boolean;
  checks: readonly Check[];
  /** Jobs that somebody paused: the server is ready all the same. */
  paused?(): readonly string[];
  /** Longest one check may take. */
  deadlineMs: number;
}

/** Alive: the process answers. A dead database is no reason to restart it. */
export function livez(response: ServerResponse): void {
  sendJson(response, 200, { alive: true });
}

/** Ready: traffic may come. Says which check failed, and to strangers no more. */
export async function readyz(
  response: ServerResponse,
  { stopping, checks, paused, deadlineMs }: HealthOptions,
): Promise<void> {
  if (stopping()) return sendJson(response, 503, { ready: false, checks: { shutdown: 'stopping' } });
  const results = await Promise.all(
    checks.map(async (check) => [check.name, await answers(check, deadlineMs)] as const),
  );
  const ready = results.every(([, ok]) => ok);
  const words = results.map(([name, ok]) => [name, ok ? 'ok' : 'failed']);
  const names = paused?.() ?? [];
  const held = names.length === 0 ? {} : { paused: names };
  sendJson(response, ready ? 200 : 503, { ready, checks: Object.fromEntries(words), ...held });
}

async function answers(check: Check, deadlineMs: number): Promise<boolean> {
  const signal = AbortSignal.timeout(deadlineMs);
  const late = new Promise<false>((resolve) => signal.addEventListener('abort', () => resolve(false), { once: true }));
  const answered = Promise.resolve()
    .then(() => check.run(signal))
    .then(
      () => true,
      () => false,
    );
  return Promise.race([answered, late]);
}

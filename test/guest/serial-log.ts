import { existsSync, readFileSync } from 'node:fs';
import { until } from '../lab/command.ts';

/** What the test guest has said so far, a line each, without the prefix. Other output on its console is left out. */
export function guestLines(serialText: string): string[] {
  return serialText
    .split(/[\r\n]+/)
    .filter((line) => line.includes(prefix))
    .map((line) => line.slice(line.indexOf(prefix) + prefix.length).trim());
}

/**
 * Waits until the guest whose serial console is logged in a file says a line that matches, and returns the match. Without
 * KVM on a busy machine a boot takes from 5 to 30 seconds, so the default is 90 s. Throws with all that it did say.
 */
export async function untilGuestSays(
  serialLog: string,
  pattern: RegExp,
  { timeoutMs = 90_000 }: { timeoutMs?: number } = {},
): Promise<RegExpExecArray> {
  const said = () => (existsSync(serialLog) ? guestLines(readFileSync(serialLog, 'utf8')) : []);
  const match = () => {
    for (const line of said()) {
      const found = pattern.exec(line);
      if (found !== null) return found;
    }
    return undefined;
  };
  return until(`${pattern} on ${serialLog}`, match, { timeoutMs, everyMs: 100 }).catch((error: unknown) => {
    throw new Error(`${String(error)}. It said:\n${said().join('\n')}`);
  });
}

const prefix = 'STEWARD-GUEST ';

import { CliError, EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { askAuth, refusal } from './auth.ts';

/** Asks less often than this never, and not for longer than any code counts. */
const PAUSE_MIN_S = 1;
const LIFE_MAX_S = 1_800;

/** Shows a code, and asks until somebody has said yes or no in a browser (RFC 8628). */
export async function loggedInByDevice(io: Io, url: string): Promise<{ token: string; user: string }> {
  const begun = await askAuth({ url }, 'device/begin', {});
  const { deviceCode, userCode, verificationUri, expiresIn, interval } = begun.body;
  if (begun.status !== 200 || typeof deviceCode !== 'string') throw refusal(begun);
  io.err(
    `Open ${String(verificationUri)} in a browser where you are signed in, and type the code\n\n    ${String(userCode)}\n\n`,
  );
  io.err('Give it to nobody, and type none that somebody gave you.\n');
  const until = io.now() + Math.min(seconds(expiresIn, LIFE_MAX_S), LIFE_MAX_S) * 1000;
  let pause = Math.max(seconds(interval, 5), PAUSE_MIN_S);
  while (io.now() < until) {
    await io.sleep(pause * 1000);
    if (io.signal.aborted) throw new CliError('Interrupted.', EXIT.interrupted);
    const answer = await askAuth({ url }, 'device/poll', { deviceCode });
    const { state, token, user } = answer.body;
    if (token !== undefined && user !== undefined) return { token, user };
    if (state === 'slowDown') pause = Math.max(pause + 5, seconds(answer.body.interval, 0));
    else if (state !== 'authorizationPending' && answer.status !== 429) throw refusal(answer);
  }
  throw new CliError('Nobody said yes in time. Begin again.', EXIT.timeout);
}

function seconds(value: unknown, usual: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : usual;
}

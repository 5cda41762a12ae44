import { type Challenge, solveChallenge } from '../../identity/proof-of-work.ts';
import { CliError, EXIT } from '../exit-codes.ts';

/** What /auth answers a command. */
export interface AuthAnswer {
  status: number;
  body: Readonly<Record<string, unknown>> & {
    state?: string;
    error?: string;
    token?: string;
    ticket?: string;
    user?: string;
  };
}

const TIMEOUT_MS = 30_000;

/** Asks /auth. A proof of work that is wanted is done, once. */
export async function askAuth(
  { url, token }: { url: string; token?: string | null },
  path: string,
  body: Readonly<Record<string, unknown>>,
): Promise<AuthAnswer> {
  const answer = await send({ url, token: token ?? null }, path, body);
  if (answer.body.state !== 'captchaNeeded') return answer;
  const challenge = await send({ url, token: null }, 'challenge', null);
  if (challenge.status !== 200) return answer;
  const captcha = solveChallenge(challenge.body as unknown as Challenge);
  return send({ url, token: token ?? null }, path, { ...body, captcha });
}

async function send(
  { url, token }: { url: string; token: string | null },
  path: string,
  body: Readonly<Record<string, unknown>> | null,
): Promise<AuthAnswer> {
  try {
    const response = await fetch(`${url}/auth/${path}`, {
      method: body === null ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
      ...(body !== null && { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, body: (await response.json()) as AuthAnswer['body'] };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new CliError(`No server answers at ${url} (${cause}).`);
  }
}

/** What the server said, as the command's own error. */
export function refusal({ status, body }: AuthAnswer): CliError {
  return new CliError(
    body.error ?? `The server answered ${status}.`,
    status === 401 || status === 403 || status === 429 ? EXIT.denied : EXIT.error,
  );
}

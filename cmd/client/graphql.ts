import { CliError, EXIT, type ExitCode } from '../exit-codes.ts';
import type { Endpoint } from './endpoint.ts';
import { AnswerLost, sentOnce } from './mutate.ts';
import { readEvents } from './sse.ts';

/** The GraphQL API as the command uses it: one POST a query, server-sent events for what goes on. */
export interface Client {
  readonly endpoint: Endpoint;
  query<T>(document: string, variables?: Record<string, unknown>, options?: { timeoutMs?: number }): Promise<T>;
  /** A change: the document takes `$key` and passes it as idempotencyKey. Where the answer is lost it is sent again, and done once. */
  mutate<T>(document: string, variables: Record<string, unknown>, options?: { timeoutMs?: number }): Promise<T>;
  subscribe<T>(document: string, variables: Record<string, unknown>): AsyncGenerator<T>;
  /** A plain GET, e.g. of /readyz. */
  get(path: string): Promise<{ status: number; text: string }>;
}

interface Answer {
  data?: unknown;
  errors?: { message: string; extensions?: { code?: string } }[];
}

const TIMEOUT_MS = 30_000;

export function createClient(endpoint: Endpoint, interrupt: AbortSignal): Client {
  const url = `${endpoint.url}/graphql`;
  const headers = {
    'content-type': 'application/json',
    ...(endpoint.token !== null && { authorization: `Bearer ${endpoint.token}` }),
  };
  const send = (body: object, init: { signal: AbortSignal; accept: string }) =>
    fetch(url, {
      method: 'POST',
      headers: { ...headers, accept: init.accept },
      body: JSON.stringify(body),
      signal: init.signal,
      redirect: 'error',
    });
  const query = async <T>(document: string, variables: Record<string, unknown>, timeoutMs: number): Promise<T> => {
    const signal = AbortSignal.any([interrupt, AbortSignal.timeout(timeoutMs)]);
    return reached(endpoint, interrupt, async () => {
      const response = await send({ query: document, variables }, { signal, accept: 'application/json' });
      return dataOf<T>(response.status, (await json(response)) as Answer);
    });
  };
  return {
    endpoint,
    query: (document, variables = {}, { timeoutMs = TIMEOUT_MS } = {}) => query(document, variables, timeoutMs),
    mutate: (document, variables, { timeoutMs = TIMEOUT_MS } = {}) =>
      sentOnce((key) => query(document, { ...variables, key }, timeoutMs), interrupt),
    async *subscribe<T>(document: string, variables: Record<string, unknown>) {
      const open = () => send({ query: document, variables }, { signal: interrupt, accept: 'text/event-stream' });
      const response = await reached(endpoint, interrupt, open);
      if (!(response.headers.get('content-type') ?? '').includes('text/event-stream') || !response.body) {
        yield dataOf<T>(response.status, (await json(response)) as Answer);
        return;
      }
      const events = readEvents(response.body);
      for (;;) {
        const { done, value: event } = await reached(endpoint, interrupt, () => events.next());
        if (done || event.type === 'complete') return;
        if (event.type === 'next') yield dataOf<T>(200, JSON.parse(event.data) as Answer);
      }
    },
    get: (path) =>
      reached(endpoint, interrupt, async () => {
        const response = await fetch(`${endpoint.url}${path}`, {
          signal: AbortSignal.timeout(10_000),
          redirect: 'error',
        });
        return { status: response.status, text: await response.text() };
      }),
  };
}

/** What the system says went wrong: `fetch failed` says nothing. */
function causeOf(error: unknown): string {
  const { cause = error } = error as { cause?: unknown };
  const { code, message } = (
    typeof cause === 'object' && cause !== null ? cause : {}
  ) as Partial<NodeJS.ErrnoException>;
  return code ?? message ?? String(cause);
}

/** A request was sent, or may have been. */
const LOST_CODES: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
/** Of proxies. */
const GATEWAY_STATUSES: ReadonlySet<number> = new Set([502, 504]);

async function json(response: Response): Promise<unknown> {
  if (GATEWAY_STATUSES.has(response.status))
    throw new AnswerLost(`What stands before the server answered ${response.status}.`);
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError(
      `The server answered ${response.status} with something that is not JSON. Is this a Steward server?`,
    );
  }
}

async function reached<T>(endpoint: Endpoint, interrupt: AbortSignal, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (interrupt.aborted) throw new CliError('Interrupted.', EXIT.interrupted);
    if (error instanceof Error && error.name === 'TimeoutError')
      throw new CliError(`${endpoint.url} did not answer in time.`, EXIT.timeout);
    const why = causeOf(error);
    const message = `No server answers at ${endpoint.url} (${why}). Start one with "npm start", or name another with --server.`;
    throw LOST_CODES.has(why) ? new AnswerLost(message) : new CliError(message);
  }
}

function dataOf<T>(status: number, { data, errors }: Answer): T {
  const [first] = errors ?? [];
  if (!first) {
    if (data === undefined || data === null)
      throw new CliError(`The server answered ${status} without data. Is this the address of a Steward server?`);
    return data as T;
  }
  const messages = [...new Set((errors ?? []).map((error) => error.message))];
  throw new CliError(messages.join('\n'), exitOf(status, first.extensions?.code));
}

function exitOf(status: number, code: string | undefined): ExitCode {
  if (status === 401 || status === 403 || code === 'UNAUTHENTICATED' || code === 'FORBIDDEN') return EXIT.denied;
  if (code === 'CONFLICT') return EXIT.conflict;
  if (code === 'BAD_USER_INPUT' || code === 'GRAPHQL_VALIDATION_FAILED') return EXIT.usage;
  return EXIT.error;
}

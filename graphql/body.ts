import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import { JSON_DEPTH_MAX } from './builder.ts';
import { type JsonLimits, jsonExcess } from './json-measure.ts';

/** What one request may bring. Every number is chosen so that no body holds the server for a second. */
export const BODY_LIMITS = {
  /** Of somebody whom nobody recognises: enough for any document, and for an honest mistake in the token. */
  strangerBytes: 16 * 1024,
  /** The most manifests that are taken at once fit in. */
  bytes: 16 * 1024 * 1024,
  values: 400_000,
  members: 2_000,
  /** With what is around a value: the request, its variables, a list. */
  depth: JSON_DEPTH_MAX + 4,
} as const;

/**
 * Reads a body that is larger than a stranger’s may be, once its sender is known, and puts what it says at `req.body`, where everybody else finds
 * it. What is too large, or of a length that nobody can tell, is refused unread. True when it has answered.
 */
export async function refusedBody(
  req: IncomingMessage,
  res: ServerResponse,
  isKnown: () => Promise<boolean>,
): Promise<boolean> {
  if (req.method !== 'POST') return false;
  const stated = req.headers['content-length'];
  if (stated === undefined) return refuse(res, 411, 'Send a content-length.');
  const bytes = Number(stated);
  if (!(bytes <= BODY_LIMITS.bytes)) return refuse(res, 413, `The body is larger than ${BODY_LIMITS.bytes} bytes.`);
  if (bytes <= BODY_LIMITS.strangerBytes) return false;
  const refused = await isKnown().then((known) => (known ? null : STRANGER), asRefusal);
  if (refused !== null) return refuse(res, refused.status, refused.message, refused.headers);
  const body = await read(req);
  if (body === null) return true;
  const excess = jsonExcess(body, BODY_LIMITS);
  if (excess !== null) return refuse(res, 413, EXCESS[excess]);
  const value = parsed(body);
  if (value === null) return refuse(res, 400, 'The body is no JSON object.');
  // Parsed, since those who take it over would walk every byte of a buffer as if it were a member.
  Object.assign(req, { body: value });
  return false;
}

/** Null unless it is an object with something in it. */
function parsed(body: Buffer): object | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject && Object.keys(value).length > 0 ? value : null;
  } catch {
    return null;
  }
}

const STRANGER = {
  status: 401,
  message: `A token is needed: without one a body has at most ${BODY_LIMITS.strangerBytes} bytes.`,
  headers: {},
};

const EXCESS: Readonly<Record<keyof JsonLimits, string>> = {
  depth: `JSON is nested deeper than ${JSON_DEPTH_MAX} levels.`,
  members: `An object has more than ${BODY_LIMITS.members} members.`,
  values: `The body has more than ${BODY_LIMITS.values} values; send less at a time.`,
};

/** Who asks too often, or as somebody whom they may not be, is told so. */
function asRefusal(error: unknown): Omit<typeof STRANGER, 'headers'> & { headers: Record<string, string> } {
  if (!(error instanceof GraphQLError)) throw error;
  const { status = 403, headers = {} } = error.extensions.http ?? {};
  return { status, message: error.message, headers: { ...headers } };
}

/** Null when the sender went away meanwhile. */
function read(req: IncomingMessage & { body?: unknown }): Promise<Buffer | null> {
  // Whoever looked at the signature has read it already.
  if (req.body instanceof Buffer) return Promise.resolve(req.body);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => resolve(Buffer.concat(chunks)));
    for (const end of ['error', 'close'] as const) req.on(end, () => resolve(null));
  });
}

function refuse(res: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): true {
  res.writeHead(status, { 'content-type': 'application/json', connection: 'close', ...headers });
  res.end(JSON.stringify({ errors: [{ message, extensions: { code: CODES[status] } }] }));
  return true;
}

const CODES: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  411: 'BAD_REQUEST',
  403: 'FORBIDDEN',
  413: 'LIMIT_EXCEEDED',
  429: 'RATE_LIMITED',
};

import type { IncomingMessage, ServerResponse } from 'node:http';
import { CONTENT_HEADER } from '../../identity/credentials.ts';
import type { Context } from '../context.ts';
import { askedDocument, type DocumentRequest, type Persisted } from '../persisted/asked-document.ts';
import { createKnownDocuments, type DocumentRules } from './known-documents.ts';

export interface PlainOptions extends DocumentRules {
  path: string;
  persisted: Persisted;
  /** The same judgement as on the usual way; null for nobody. */
  contextOf(req: IncomingMessage): Promise<Context | null>;
}

/**
 * Answers queries that were seen before without the machinery that stands ready for everything else: most of the time of a list goes there.
 * True when it has answered. Otherwise nothing was sent, what was read of the body is at `req.body`, and the usual way takes over: it has
 * every error, every first time, and whatever is not a query sent as JSON.
 */
export function createPlainQueries(
  options: PlainOptions,
): (req: IncomingMessage, res: ServerResponse) => Promise<boolean> {
  const answerOf = createKnownDocuments(options);
  return async (req, res) => {
    if (!isPlain(req, options.path)) return false;
    const body = await bodyOf(req);
    if (body === null) return true;
    Object.assign(req, { body });
    const request = requestOf(body instanceof Buffer ? parsedOrNull(body) : body);
    const text = request && (await textOf(request, { ...options, context: () => options.contextOf(req), answerOf }));
    if (text === null) return false;
    res.writeHead(200, { 'Content-Type': JSON_TYPE, 'content-length': Buffer.byteLength(text) }).end(text);
    return true;
  };
}

const JSON_TYPE = 'application/json; charset=utf-8';
const BODY_BYTES_MAX = 65_536;
const ACCEPTED = new Set([undefined, '*/*', 'application/json']);

/** Only what leaves no question open; a request that may need more thought is thought about elsewhere. */
function isPlain({ method, url, headers }: IncomingMessage, path: string): boolean {
  const bytes = Number(headers['content-length'] ?? 0);
  return (
    method === 'POST' &&
    url === path &&
    headers['content-type'] === 'application/json' &&
    bytes > 0 &&
    bytes <= BODY_BYTES_MAX &&
    ACCEPTED.has(headers.accept) &&
    headers['content-encoding'] === undefined &&
    headers[CONTENT_HEADER] === undefined
  );
}

/** Null when the sender went away meanwhile. */
function bodyOf(req: IncomingMessage & { body?: object }): Promise<object | null> {
  if (req.body !== undefined) return Promise.resolve(req.body);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    req.on('error', () => resolve(null));
    req.on('close', () => resolve(null));
  });
}

interface PlainRequest {
  document: DocumentRequest;
  operationName: string | null;
  variables: Record<string, unknown>;
}

function requestOf(parsed: unknown): PlainRequest | null {
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
  const { operationName = null, variables = null, ...rest } = parsed as Record<string, unknown>;
  const document = documentOf(rest);
  if (document === null || (operationName !== null && typeof operationName !== 'string')) return null;
  if (typeof variables !== 'object' || Array.isArray(variables)) return null;
  return { document, operationName, variables: (variables ?? {}) as Record<string, unknown> };
}

/** A document, or one name for it, and nothing else. */
function documentOf(rest: Record<string, unknown>): DocumentRequest | null {
  const [[name, value] = [], ...more] = Object.entries(rest);
  if (more.length > 0) return null;
  const isText = typeof value === 'string' && (name === 'query' || name === 'id');
  return isText || name === 'extensions' ? rest : null;
}

function parsedOrNull(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

async function textOf(
  { document, operationName, variables }: PlainRequest,
  {
    context,
    answerOf,
    persisted,
  }: Pick<PlainOptions, 'persisted'> & {
    context(): Promise<Context | null>;
    answerOf: ReturnType<typeof createKnownDocuments>;
  },
): Promise<string | null> {
  try {
    // Strangers make nobody compile anything.
    const known = await context();
    if (!known) return null;
    const query = queryOf(document, persisted, known);
    const answer = query === null ? null : answerOf(query, operationName);
    return answer && (await answer(known, variables));
  } catch {
    // Queries change nothing: the usual way meets the same error again, masks it and logs it.
    return null;
  }
}

function queryOf(document: DocumentRequest, persisted: Persisted, { principal }: Context): string | null {
  const asked = askedDocument(document, persisted, principal);
  if (asked) return 'query' in asked ? asked.query : null;
  return typeof document.query === 'string' ? document.query : null;
}

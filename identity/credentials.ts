import type { IncomingMessage } from 'node:http';

/** What a request says about who sends it, as yet unproved. */
export interface Credentials {
  /** `Bearer …` or `Steward-HMAC-SHA256 …`. */
  authorization: string | null;
  cookie: string | null;
  /** What only our own pages know: a cookie alone proves nothing, since browsers send it for every site. */
  csrf: string | null;
  /** Address of the sender. */
  from: string;
  /** The line of the request, which signatures cover. */
  method: string;
  /** Path and query. */
  path: string;
  host: string;
  /** SHA-256 of the body in hex, as the sender says; the server compares it with the body before it reads that. */
  contentSha256: string | null;
  /** What the sender calls itself, for the list of sessions. */
  agent: string;
}

export const CSRF_HEADER = 'x-steward-csrf';
export const CONTENT_HEADER = 'x-steward-content-sha256';

export function credentialsOf(request: IncomingMessage): Credentials {
  const { headers } = request;
  return {
    authorization: headers.authorization ?? null,
    cookie: headers.cookie ?? null,
    csrf: single(headers[CSRF_HEADER]),
    // Who listens takes the header away unless a trusted proxy sent it.
    from: single(headers['x-forwarded-for']) ?? request.socket.remoteAddress ?? 'unknown',
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    host: headers.host ?? '',
    contentSha256: single(headers[CONTENT_HEADER]),
    agent: (headers['user-agent'] ?? '').slice(0, 200),
  };
}

/** The token of `Bearer TOKEN`. */
export function bearerOf(authorization: string | null): string | null {
  return /^Bearer\s+(\S{1,512})$/i.exec(authorization ?? '')?.[1] ?? null;
}

/** The value of one cookie of a `cookie` header. */
export function cookieOf(cookie: string | null, name: string): string | null {
  for (const part of (cookie ?? '').slice(0, 16_384).split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

function single(header: string | string[] | undefined): string | null {
  return typeof header === 'string' ? header : null;
}

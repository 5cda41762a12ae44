import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';

/** What a route of /auth answers. */
export interface Reply {
  status: number;
  body: Readonly<Record<string, unknown>>;
  /** A session's token for the browser to keep, or null to forget it. */
  cookie?: string | null;
  /** Where the browser goes next. */
  location?: string;
  retryAfterMs?: number;
  /** A whole further `set-cookie`. */
  extraCookie?: string;
  /** In place of the body. */
  text?: { type: string; text: string };
  /** Content security policy of a page; without it nothing is loaded or run. */
  policy?: string;
}

/** The browser's cookie: only we read it, only over TLS where there is TLS, and other sites do not send it with what changes anything. */
export interface CookieRules {
  name: string;
  secure: boolean;
}

export function cookieRules(secure: boolean): CookieRules {
  // The prefix makes browsers refuse a cookie that a sister domain or an unencrypted page set.
  return { name: secure ? '__Host-steward-session' : 'steward-session', secure };
}

export function sendReply(res: ServerResponse, rules: CookieRules, reply: Reply): void {
  const headers: Record<string, string | string[]> = {
    'content-type': reply.text?.type ?? 'application/json',
    'cache-control': 'no-store',
    'content-security-policy': reply.policy ?? "default-src 'none'; frame-ancestors 'none'",
  };
  const cookies = [
    ...(reply.cookie === undefined ? [] : [setCookie(rules, reply.cookie)]),
    ...(reply.extraCookie === undefined ? [] : [reply.extraCookie]),
  ];
  if (cookies.length > 0) headers['set-cookie'] = cookies;
  if (reply.location !== undefined) headers.location = reply.location;
  if (reply.retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(reply.retryAfterMs / 1000));
  res.writeHead(reply.status, headers).end(reply.text?.text ?? JSON.stringify(reply.body));
}

function setCookie({ name, secure }: CookieRules, token: string | null): string {
  const life = token === null ? '; Max-Age=0' : '';
  return `${name}=${token ?? ''}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}${life}`;
}

const BODY_BYTES_MAX = 65_536;
const BODY_MS_MAX = 10_000;

export type Body = { ok: true; value: unknown } | { ok: false; reply: Reply };

const refused = (status: number, error: string): Body => ({ ok: false, reply: { status, body: { error } } });

/** A small body of JSON, or of a form where another site has to send one (SAML). */
export async function readBody(req: IncomingMessage, type: 'json' | 'form'): Promise<Body> {
  const media = type === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
  if ((req.headers['content-type'] ?? '').split(';')[0]?.trim() !== media) return refused(415, `Send ${media}.`);
  const bytes = await collectBody(req, {
    maxBytes: type === 'json' ? BODY_BYTES_MAX : 8 * BODY_BYTES_MAX,
    maxMs: BODY_MS_MAX,
  });
  if (bytes === null) return refused(413, 'The body is too large or came too slowly.');
  if (type === 'form') return { ok: true, value: Object.fromEntries(new URLSearchParams(bytes.toString('utf8'))) };
  try {
    return { ok: true, value: JSON.parse(bytes.toString('utf8')) };
  } catch {
    return refused(400, 'The body is no JSON.');
  }
}

/** All of a body, which others find at `req.body`; null when it is larger or slower than allowed. */
export async function collectBody(
  req: IncomingMessage,
  { maxBytes, maxMs }: { maxBytes: number; maxMs: number },
): Promise<Buffer | null> {
  const known = (req as { body?: unknown }).body;
  if (known instanceof Buffer) return known;
  const timer = setTimeout(() => req.destroy(), maxMs);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of req) {
      length += (chunk as Buffer).length;
      if (length > maxBytes) return null;
      chunks.push(chunk as Buffer);
    }
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
  const body = Buffer.concat(chunks);
  Object.assign(req, { body });
  return body;
}

/** Everything that is wrong with a body, by its field. */
export function parseBody<T extends z.ZodType>(
  schema: T,
  value: unknown,
): { ok: true; value: z.output<T> } | { ok: false; reply: Reply } {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issues = parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
  return { ok: false, reply: { status: 400, body: { error: 'Some fields are wrong.', issues } } };
}

import { createHash, createHmac } from 'node:crypto';
import { sameText } from './one-way.ts';

/**
 * A request that its sender signed with the secret of an API key: the secret never travels, a changed request is refused, and the same
 * request is taken once. `Authorization: Steward-HMAC-SHA256 key=…, timestamp=…, nonce=…, signature=…`
 */
export interface SignedHeader {
  key: string;
  /** ISO 8601 instant, UTC, as it stood in the header. */
  timestamp: string;
  /** 16 to 64 letters, digits, `-` and `_`. */
  nonce: string;
  /** 64 hex digits. */
  signature: string;
}

/** What the signature covers. */
export interface SignedRequest {
  method: string;
  /** Path with its query, as sent. */
  path: string;
  host: string;
  /** SHA-256 of the body, hex. */
  contentSha256: string;
}

export const SIGNATURE_SCHEME = 'Steward-HMAC-SHA256';
/** How far the sender's clock may be off, either way. */
export const SIGNATURE_WINDOW_MS = 300_000;

const PARTS: Readonly<Record<keyof SignedHeader, RegExp>> = {
  key: /^[A-Za-z0-9_-]{8,64}$/,
  timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/,
  nonce: /^[A-Za-z0-9_-]{16,64}$/,
  signature: /^[0-9a-f]{64}$/,
};

export function parseSignedHeader(authorization: string): SignedHeader | null {
  if (authorization.length > 1_024 || !authorization.startsWith(`${SIGNATURE_SCHEME} `)) return null;
  const found = new Map<string, string>();
  for (const part of authorization.slice(SIGNATURE_SCHEME.length + 1).split(',')) {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(at, 0)).trim();
    if (found.has(name)) return null;
    found.set(name, part.slice(at + 1).trim());
  }
  const names = Object.keys(PARTS) as (keyof SignedHeader)[];
  if (found.size !== names.length || names.some((name) => !PARTS[name].test(found.get(name) ?? ''))) return null;
  const value = (name: keyof SignedHeader) => found.get(name) as string;
  return { key: value('key'), timestamp: value('timestamp'), nonce: value('nonce'), signature: value('signature') };
}

/** One line for each thing that is signed; none of them may hold a line break, so that no two requests have the same text. */
export function canonicalText(
  request: SignedRequest,
  { key, timestamp, nonce }: Omit<SignedHeader, 'signature'>,
): string {
  const { method, path, host, contentSha256 } = request;
  return [SIGNATURE_SCHEME, key, timestamp, nonce, method.toUpperCase(), host.toLowerCase(), path, contentSha256].join(
    '\n',
  );
}

export function signatureOf(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text, 'utf8').digest('hex');
}

export function contentSha256(body: string | Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

/** Pure: whether the signature is right and of this time. Whether it was seen before is for the store. */
export function isSigned(
  secret: string,
  { request, header, now }: { request: SignedRequest; header: SignedHeader; now: number },
): boolean {
  const at = Date.parse(header.timestamp);
  const timely = Number.isFinite(at) && Math.abs(now - at) <= SIGNATURE_WINDOW_MS;
  const plain = [request.method, request.path, request.host].every((part) => !/[\r\n]/.test(part));
  const right = sameText(signatureOf(secret, canonicalText(request, header)), header.signature);
  return right && timely && plain && /^[0-9a-f]{64}$/.test(request.contentSha256);
}

/** The header of a request, for clients. */
export function signedHeader(
  { key, secret }: { key: string; secret: string },
  { request, timestamp, nonce }: { request: SignedRequest; timestamp: string; nonce: string },
): string {
  const signature = signatureOf(secret, canonicalText(request, { key, timestamp, nonce }));
  return `${SIGNATURE_SCHEME} key=${key}, timestamp=${timestamp}, nonce=${nonce}, signature=${signature}`;
}

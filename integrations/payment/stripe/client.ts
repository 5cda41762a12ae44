import { httpCall } from '../http-call.ts';
import { type JsonValue, parseJson, textAt } from '../json.ts';

export interface StripeOptions {
  /** `https://api.stripe.com`, or a fake on this machine. */
  url: string;
  secretKey: string;
  webhookSecret: string;
  deadlineMs: number;
}

/** As the types of this package's version describe it. */
const API_VERSION = '2026-10-28.endive';

export type StripeParameters = { readonly [name: string]: StripeParameter | undefined };
type StripeParameter = string | number | boolean | StripeParameters | readonly StripeParameter[];

/**
 * `error`: Stripe answered and did not do it. `unknown`: nobody can say. Codes only, since messages may repeat what was sent.
 */
export type StripeAnswer =
  | { state: 'done'; body: JsonValue }
  | { state: 'error'; status: number; type: string; code: string; declineCode: string | null; body: JsonValue }
  | { state: 'notSent'; code: string }
  | { state: 'unknown'; code: string };

export function post(
  options: StripeOptions,
  { path, key, parameters }: { path: string; key: string; parameters: object },
): Promise<StripeAnswer> {
  const body = formEncoded(parameters as StripeParameters);
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'idempotency-key': key };
  return send(options, { method: 'POST', path, headers, body });
}

export function get(
  options: StripeOptions,
  { path, parameters = {} }: { path: string; parameters?: object },
): Promise<StripeAnswer> {
  const query = formEncoded(parameters as StripeParameters);
  return send(options, { method: 'GET', path: query === '' ? path : `${path}?${query}`, headers: {}, body: '' });
}

async function send(
  { url, secretKey, deadlineMs }: StripeOptions,
  call: { method: 'GET' | 'POST'; path: string; headers: Record<string, string>; body: string },
): Promise<StripeAnswer> {
  const answer = await httpCall({
    method: call.method,
    url: new URL(call.path, url),
    headers: { ...call.headers, authorization: `Bearer ${secretKey}`, 'stripe-version': API_VERSION },
    body: call.body,
    deadlineMs,
  });
  if (!answer.ok) return { state: answer.sent ? 'unknown' : 'notSent', code: answer.code };
  const { status } = answer;
  const body = parseJson(answer.body);
  // A 500 may have charged, and 409 says that a call with this key is under way.
  if (body === undefined || status >= 500 || status === 409) return { state: 'unknown', code: `http_${status}` };
  if (status >= 200 && status < 300) return { state: 'done', body };
  const type = textAt(body, 'error', 'type') ?? `http_${status}`;
  const code = textAt(body, 'error', 'code') ?? type;
  return { state: 'error', status, type, code, declineCode: textAt(body, 'error', 'decline_code'), body };
}

/** `a[b]=c` for what is inside something, `a[0]=b` for lists. */
function formEncoded(parameters: StripeParameters): string {
  const pairs: [string, string][] = [];
  const add = (name: string, value: StripeParameter | undefined) => {
    if (value === undefined) return;
    if (typeof value !== 'object') pairs.push([name, String(value)]);
    else if (Array.isArray(value)) for (const [index, each] of value.entries()) add(`${name}[${index}]`, each);
    else for (const [inner, each] of Object.entries(value as StripeParameters)) add(`${name}[${inner}]`, each);
  };
  for (const [name, value] of Object.entries(parameters)) add(name, value);
  return new URLSearchParams(pairs).toString();
}

import { createHash } from 'node:crypto';
import { httpCall } from '../http-call.ts';
import { at, type JsonValue, parseJson, textAt } from '../json.ts';

export interface AuthorizeNetOptions {
  /** `https://api.authorize.net/xml/v1/request.api`, or its sandbox's, or a fake on this machine. */
  url: string;
  /** Where the hosted form is: `https://accept.authorize.net/customer/addPayment`. */
  formUrl: string;
  loginId: string;
  transactionKey: string;
  signatureKey: string;
  deadlineMs: number;
}

export type AuthorizeNetAnswer =
  | { state: 'done'; body: JsonValue }
  /** `code`: of the first message, such as E00040. */
  | { state: 'error'; code: string; body: JsonValue }
  | { state: 'notSent'; code: string }
  | { state: 'unknown'; code: string };

/**
 * The JSON face of an XML schema: elements must come in the schema's order, and objects here are written in that order. Answers begin with a
 * byte order mark, and their HTTP status is 200 whatever they say.
 */
export async function request(
  { url, loginId, transactionKey, deadlineMs }: AuthorizeNetOptions,
  name: string,
  elements: object,
): Promise<AuthorizeNetAnswer> {
  const merchantAuthentication = { name: loginId, transactionKey };
  const answer = await httpCall({
    method: 'POST',
    url: new URL(url),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ [name]: { merchantAuthentication, ...elements } }),
    deadlineMs,
  });
  if (!answer.ok) return { state: answer.sent ? 'unknown' : 'notSent', code: answer.code };
  const body = parseJson(answer.body);
  const result = textAt(body, 'messages', 'resultCode');
  if (body === undefined || result === null) return { state: 'unknown', code: `http_${answer.status}` };
  if (result === 'Ok') return { state: 'done', body };
  const code = textAt(body, 'messages', 'message', 0, 'code') ?? 'error';
  // Something broke on their side, perhaps after the bank had answered.
  if (code === 'E00000' || code === 'E00001') return { state: 'unknown', code };
  return { state: 'error', code, body };
}

/** Their fields for our reference hold 20 characters: 80 bits of the key's hash. */
export function referenceOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 20);
}

/** Busy, or in maintenance: the same request may be taken later. */
export function isBusy(code: string): boolean {
  return code === 'E00053' || code === 'E00104';
}

/** An object with one field is not a list of one in XML, and sometimes not in this JSON either. */
export function rowsAt(body: JsonValue | undefined, name: string): JsonValue[] {
  const found = at(body, name);
  if (found === undefined || found === null) return [];
  return Array.isArray(found) ? found : [found];
}

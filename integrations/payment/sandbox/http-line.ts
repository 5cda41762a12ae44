import type { GatewayOutcome, StoredMethod } from '../../../billing/payment/gateway.ts';
import { httpCall } from '../http-call.ts';
import { type JsonValue, parseJson, textAt } from '../json.ts';
import type { BankLine } from './gateway.ts';

/** A bank that another process pretends to be: it remembers while this one comes and goes. */
export function httpLine({ url, deadlineMs }: { url: string; deadlineMs: number }): BankLine {
  const ask = (path: string, body: object) =>
    httpCall({
      method: 'POST',
      url: new URL(path, url),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      deadlineMs,
    });
  const outcome = async (path: string, body: object): Promise<GatewayOutcome | { state: 'absent' }> => {
    const answer = await ask(path, body);
    if (!answer.ok && !answer.sent) return { state: 'refused', code: answer.code, retryable: true };
    if (!answer.ok) return { state: 'unknown', code: answer.code, externalId: null };
    const found = parseJson(answer.body);
    const isOutcome = answer.status === 200 && textAt(found, 'state') !== null;
    return isOutcome
      ? (found as unknown as GatewayOutcome)
      : { state: 'unknown', code: `http_${answer.status}`, externalId: null };
  };
  const read = async (path: string, body: object): Promise<JsonValue | undefined> => {
    const answer = await ask(path, body);
    return answer.ok && answer.status === 200 ? parseJson(answer.body) : undefined;
  };
  return {
    call: async (wish) => {
      const found = await outcome('/v1/calls', { ...wish, amount: String(wish.amount) });
      return found.state === 'absent' ? { state: 'unknown', code: 'unreadable', externalId: null } : found;
    },
    lookup: (which) => outcome('/v1/lookups', which),
    createCustomer: async (key) => textAt(await read('/v1/customers', { key }), 'customer'),
    storeMethod: async (token) => {
      const found = await read('/v1/methods', { token });
      return found === undefined ? 'unreachable' : (found as unknown as StoredMethod | null);
    },
  };
}

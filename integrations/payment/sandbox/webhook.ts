import type { GatewayEvent, WebhookRequest, WebhookVerdict } from '../../../billing/payment/gateway.ts';
import { at, parseJson, textAt } from '../json.ts';
import { judgeTimed, signTimed } from '../signature.ts';

export interface SandboxWebhook {
  body: string;
  headers: { 'content-type': string; 'sandbox-signature': string };
}

/** As the sandbox's server sends it. Amounts are texts: JSON numbers are not exact. */
export function writeSandboxWebhook(
  { id, event }: { id: string; event: GatewayEvent },
  { secret, now }: { secret: string; now: number },
): SandboxWebhook {
  const body = JSON.stringify({ id, event }, (_name, value: unknown) =>
    typeof value === 'bigint' ? `${value}` : value,
  );
  return {
    body,
    headers: { 'content-type': 'application/json', 'sandbox-signature': signTimed(body, { secret, now }) },
  };
}

export function readSandboxWebhook(secret: string, { headers, body, now }: WebhookRequest): WebhookVerdict {
  const judged = judgeTimed(headers['sandbox-signature'], { secret, body, now });
  if (judged !== 'good') return { ok: false, reason: judged };
  const parsed = parseJson(Buffer.from(body).toString('utf8'));
  const id = textAt(parsed, 'id');
  if (id === null) return { ok: false, reason: 'malformed' };
  const event = at(parsed, 'event');
  const type = textAt(event, 'type');
  if (type === 'dispute') {
    const amount = textAt(event, 'amount') ?? '';
    if (!/^\d{1,18}$/.test(amount)) return { ok: false, reason: 'malformed' };
    const dispute = event as unknown as Extract<GatewayEvent, { type: 'dispute' }>;
    return { ok: true, id, event: { ...dispute, amount: BigInt(amount) } };
  }
  const isKnown = type === 'outcome' || type === 'methodStored';
  return { ok: true, id, event: isKnown ? (event as unknown as GatewayEvent) : null };
}

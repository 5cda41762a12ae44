import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GatewayInbox } from '../../billing/payment/attempt-store.ts';
import type { PaymentGateway } from '../../billing/payment/gateway.ts';
import type { Handler } from './http.ts';

export const WEBHOOKS_PATH = '/webhooks/payments';

/** Far more than any event of a gateway has. */
const BODY_BYTES_MAX = 256 * 1024;
const BODY_MS = 10_000;

export interface WebhookParts {
  gateways: ReadonlyMap<string, PaymentGateway>;
  inbox: GatewayInbox;
  now(): number;
  arrived(): void;
}

/**
 * Takes what gateways send: verified, put into the inbox, answered; read later. A second delivery is answered like the first and does
 * nothing. Who sends nonsense learns nothing.
 */
export function paymentWebhooks(parts: WebhookParts): Handler {
  return async (req, res) => {
    const { pathname } = new URL(req.url ?? '/', 'http://localhost');
    if (!pathname.startsWith(`${WEBHOOKS_PATH}/`)) return false;
    const gateway = parts.gateways.get(pathname.slice(WEBHOOKS_PATH.length + 1));
    if (gateway === undefined) return ended(res, 404, 'There is no such gateway.');
    if (req.method !== 'POST') return ended(res, 405, 'Webhooks are posted.');
    const body = await read(req);
    if (body === null) return ended(res, 413, 'That is too large, or too slow.');
    const verdict = gateway.webhook({ headers: plain(req), body, now: parts.now() });
    if (!verdict.ok) return ended(res, 400, 'The signature does not fit.');
    if (verdict.event !== null) {
      const { id, event } = verdict;
      await parts.inbox.take({ gateway: gateway.name, id, event, receivedAt: parts.now(), tries: 0 });
      parts.arrived();
    }
    return ended(res, 200, null);
  };
}

function ended(res: ServerResponse, status: number, error: string | null): true {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(error === null ? {} : { error }));
  return true;
}

function plain({ headers }: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );
}

/** Null where there is more of it than there may be, or it does not come to an end. */
async function read(req: IncomingMessage): Promise<Uint8Array | null> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  const overdue = setTimeout(() => req.destroy(), BODY_MS);
  try {
    for await (const piece of req as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > BODY_BYTES_MAX) return null;
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  } catch {
    return null;
  } finally {
    clearTimeout(overdue);
  }
}
